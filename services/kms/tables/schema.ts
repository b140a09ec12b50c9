import { type Db, tablesOf } from '@pileus/kernel/store/store'
import type { Generated, Kysely } from 'kysely'
import type { KeyOrigin, KeySpec, KeyUsage } from '../domain/key-spec.ts'

export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion' | 'PendingImport'

export interface KeyRow {
  key_id: string
  account_id: string
  region_id: string
  key_spec: KeySpec
  key_usage: KeyUsage
  origin: KeyOrigin
  description: string
  creator: string
  service: string | null
  state: KeyState
  delete_at: Date | null
  is_protected: boolean
  protection_note: string
  policy: string | null
  primary_version_id: string
  rotation_seconds: number | null
  next_rotation_at: Date | null
  last_rotated_at: Date | null
  material_expires_at: Date | null
  created_at: Date
}

export interface KeyVersionRow {
  version_id: string
  key_id: string
  region_id: string
  sealed_material: Buffer | null
  public_key: string | null
  imported_digest: string | null
  created_at: Date
}

export interface SecretRow {
  secret_id: string
  account_id: string
  region_id: string
  secret_name: string
  encryption_key_id: string | null
  description: string
  policy: string | null
  delete_at: Date | null
  created_at: Date
  updated_at: Date
}

export interface SecretVersionRow {
  secret_id: string
  version_id: string
  stages: string[]
  data_type: string
  wrapped_data: Buffer
  created_at: Date
}

type Defaulted<Row, Columns extends keyof Row> = Omit<Row, Columns> & { [Column in Columns]: Generated<Row[Column]> }

export interface KmsTables {
  'kms.keys': Defaulted<KeyRow, 'is_protected' | 'protection_note'>
  'kms.key_versions': Defaulted<KeyVersionRow, 'imported_digest'>
  'kms.aliases': { account_id: string; region_id: string; alias_name: string; key_id: string }
  'kms.secrets': SecretRow
  'kms.secret_versions': SecretVersionRow
}

export function kmsTables(db: Db): Kysely<KmsTables> {
  return tablesOf<KmsTables>(db)
}
