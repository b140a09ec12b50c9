import { type Db, tablesOf } from '@pileus/kernel/store/store'
import type { Generated, Kysely } from 'kysely'

export type EntityType = 'user' | 'group' | 'role'
export type PolicyType = 'System' | 'Custom'
export type AccessKeyStatus = 'Active' | 'Inactive'

export interface RamTables {
  'ram.accounts': { account_id: string; alias: string | null; is_first: Generated<boolean>; created_at: Date }
  'ram.users': {
    user_id: string
    account_id: string
    user_name: string
    display_name: string
    email: string
    mobile_phone: string
    comments: string
    created_at: Date
    updated_at: Date
  }
  'ram.access_keys': {
    access_key_id: string
    account_id: string
    user_id: string | null
    sealed_secret: Buffer
    status: AccessKeyStatus
    created_at: Date
    last_used_at: Date | null
  }
  'ram.login_profiles': {
    user_id: string
    password_hash: string
    mfa_bind_required: boolean
    password_reset_required: boolean
    created_at: Date
  }
  'ram.mfa_devices': {
    account_id: string
    device_name: string
    sealed_seed: Buffer
    user_id: string | null
    activated_at: Date | null
    last_step: number | null
    created_at: Date
  }
  'ram.security_preferences': { account_id: string; preferences: Record<string, unknown> }
  'ram.groups': {
    group_id: string
    account_id: string
    group_name: string
    comments: string
    created_at: Date
    updated_at: Date
  }
  'ram.group_members': { group_id: string; user_id: string; joined_at: Date }
  'ram.roles': {
    role_id: string
    account_id: string
    role_name: string
    description: string
    trust_policy: string
    max_session_seconds: number
    created_at: Date
    updated_at: Date
  }
  'ram.policies': {
    policy_id: string
    account_id: string
    policy_name: string
    description: string
    default_version: number
    last_version: number
    created_at: Date
    updated_at: Date
  }
  'ram.policy_versions': { policy_id: string; version: number; document: string; created_at: Date }
  'ram.attachments': {
    account_id: string
    entity_type: EntityType
    entity_id: string
    policy_type: PolicyType
    policy_name: string
    attached_at: Date
  }
}

export function ramTables(db: Db): Kysely<RamTables> {
  return tablesOf<RamTables>(db)
}
