import { lockNamed } from '@pileus/kernel/store/store'
import { createKey, type Vault } from './keys.ts'
import { insertAlias } from './tables/aliases.ts'
import { findServiceKey, type Owner } from './tables/keys.ts'
import type { KeyRow } from './tables/schema.ts'

/** Which product of the cloud a key is kept for. */
export type KeyUser = 'oss' | 'ecs' | 'secretsmanager'

/** The key that a product uses where the customer names none; `vault.db` is a transaction. */
export async function ensureServiceKey(vault: Vault, owner: Owner, service: KeyUser, at: Date): Promise<KeyRow> {
  const known = await findServiceKey(vault.db, owner, service)
  if (known) return known
  await lockNamed(vault.db, `kms.service-key/${owner.accountId}/${owner.regionId}/${service}`)
  const made = await findServiceKey(vault.db, owner, service)
  if (made) return made
  const kind = { spec: 'Aliyun_AES_256', usage: 'ENCRYPT/DECRYPT', origin: 'Aliyun_KMS' } as const
  const description = `used by ${service} where no key is named`
  const key = await createKey(vault, owner, { ...kind, description, creator: service, service }, at)
  await insertAlias(vault.db, owner, `alias/acs/${service}`, key.key_id)
  return key
}
