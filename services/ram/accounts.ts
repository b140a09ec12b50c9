import type { Clock } from '@pileus/kernel/clock'
import { type AccountId, newAccountId } from '@pileus/kernel/ids'
import type { SecretBox } from '@pileus/kernel/secret-box'
import { type Db, lockNamed, type Store } from '@pileus/kernel/store/store'
import { newAccessKeyId, newAccessKeySecret } from './domain/keys.ts'
import { findCredentialRow, insertAccessKey, type KeyOwner, listAccessKeys } from './tables/access-keys.ts'
import { findFirstAccount, insertAccount } from './tables/accounts.ts'

export interface AccountWithKey {
  accountId: AccountId
  accessKeyId: string
  accessKeySecret: string
}

/** What the makers of accounts take ids from; tests give fixed ones. */
export interface AccountMakers {
  clock: Clock
  ids?: { newAccountId(): AccountId }
}

/**
 * The installation's first account with an access key of its own. Makes what is missing, so that an installation
 * whose last root key was deleted gets another at its next start. The secret is given only when the key is new.
 */
export async function ensureRootAccount(
  store: Store,
  secretBox: SecretBox,
  makers: AccountMakers,
): Promise<Omit<AccountWithKey, 'accessKeySecret'> & { accessKeySecret?: string }> {
  return await store.transaction(async (tx) => {
    await lockNamed(tx, 'ram.first-account')
    const known = await findFirstAccount(tx)
    const accountId = known ?? (makers.ids?.newAccountId ?? newAccountId)()
    if (known === undefined) await insertAccount(tx, { accountId, isFirst: true, at: makers.clock.now() })
    const keys = await listAccessKeys(tx, { accountId, userId: undefined })
    const usable = keys.find((key) => key.status === 'Active')
    if (usable) return { accountId, accessKeyId: usable.accessKeyId }
    return { accountId, ...(await createKey(tx, secretBox, { accountId, userId: undefined }, makers.clock)) }
  })
}

/** Another account with a root access key of its own. */
export async function createAccount(
  store: Store,
  secretBox: SecretBox,
  makers: AccountMakers,
): Promise<AccountWithKey> {
  return await store.transaction(async (tx) => await createAccountIn(tx, secretBox, makers))
}

/** As `createAccount`, in the caller's transaction. */
export async function createAccountIn(tx: Db, secretBox: SecretBox, makers: AccountMakers): Promise<AccountWithKey> {
  const accountId = (makers.ids?.newAccountId ?? newAccountId)()
  await insertAccount(tx, { accountId, isFirst: false, at: makers.clock.now() })
  return { accountId, ...(await createKey(tx, secretBox, { accountId, userId: undefined }, makers.clock)) }
}

/**
 * The secret of a stored key, for the operator who lost the file it was written to.
 * @throws Error when there is no such key
 */
export async function readAccessKeySecret(store: Store, secretBox: SecretBox, accessKeyId: string): Promise<string> {
  const row = await findCredentialRow(store.db, accessKeyId)
  if (!row) throw new Error(`there is no access key ${accessKeyId}`)
  return secretBox.open(row.sealedSecret, accessKeyId)
}

/** Makes a key in the caller's transaction; only its sealed secret is kept. */
export async function createKey(
  tx: Db,
  secretBox: SecretBox,
  owner: KeyOwner,
  clock: Clock,
): Promise<{ accessKeyId: string; accessKeySecret: string; createdAt: Date }> {
  const accessKeyId = newAccessKeyId()
  const accessKeySecret = newAccessKeySecret()
  const createdAt = clock.now()
  const sealedSecret = secretBox.seal(accessKeySecret, accessKeyId)
  await insertAccessKey(tx, owner, { accessKeyId, sealedSecret, at: createdAt })
  return { accessKeyId, accessKeySecret, createdAt }
}
