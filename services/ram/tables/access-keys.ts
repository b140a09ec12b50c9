import type { AccountId } from '@pileus/kernel/ids'
import type { Db } from '@pileus/kernel/store/store'
import { sql } from 'kysely'
import { type AccessKeyStatus, ramTables } from './schema.ts'

/** Whose key it is: a user's, or the account's own when `userId` is undefined. */
export interface KeyOwner {
  accountId: AccountId
  userId: string | undefined
}

export interface AccessKey {
  accessKeyId: string
  status: AccessKeyStatus
  createdAt: Date
  lastUsedAt: Date | undefined
}

/** A key with all that authentication needs. */
export interface StoredCredential {
  accountId: AccountId
  sealedSecret: Buffer
  status: AccessKeyStatus
  /** Undefined for a key of the account itself. */
  user: { userId: string; userName: string } | undefined
}

export async function findCredentialRow(db: Db, accessKeyId: string): Promise<StoredCredential | undefined> {
  const row = await ramTables(db)
    .selectFrom('ram.access_keys as key')
    .leftJoin('ram.users as user', 'user.user_id', 'key.user_id')
    .select(['key.account_id', 'key.sealed_secret', 'key.status', 'key.user_id', 'user.user_name'])
    .where('key.access_key_id', '=', accessKeyId)
    .executeTakeFirst()
  if (!row) return undefined
  return {
    accountId: row.account_id as AccountId,
    sealedSecret: row.sealed_secret,
    status: row.status,
    user: row.user_id === null ? undefined : { userId: row.user_id, userName: row.user_name ?? '' },
  }
}

export async function insertAccessKey(
  db: Db,
  owner: KeyOwner,
  key: { accessKeyId: string; sealedSecret: Buffer; at: Date },
): Promise<void> {
  await ramTables(db)
    .insertInto('ram.access_keys')
    .values({
      access_key_id: key.accessKeyId,
      account_id: owner.accountId,
      user_id: owner.userId ?? null,
      sealed_secret: key.sealedSecret,
      status: 'Active',
      created_at: key.at,
      last_used_at: null,
    })
    .execute()
}

/** Oldest first. */
export async function listAccessKeys(db: Db, owner: KeyOwner): Promise<AccessKey[]> {
  const rows = await ramTables(db)
    .selectFrom('ram.access_keys')
    .select(['access_key_id', 'status', 'created_at', 'last_used_at'])
    .where('account_id', '=', owner.accountId)
    .where('user_id', 'is not distinct from', owner.userId ?? null)
    .orderBy('created_at')
    .orderBy('access_key_id')
    .execute()
  return rows.map((row) => ({
    accessKeyId: row.access_key_id,
    status: row.status,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at ?? undefined,
  }))
}

/** Whether the owner has the key. */
export async function setAccessKeyStatus(
  db: Db,
  owner: KeyOwner,
  accessKeyId: string,
  status: AccessKeyStatus,
): Promise<boolean> {
  const result = await ramTables(db)
    .updateTable('ram.access_keys')
    .set({ status })
    .where('access_key_id', '=', accessKeyId)
    .where('account_id', '=', owner.accountId)
    .where('user_id', 'is not distinct from', owner.userId ?? null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Whether the owner had the key. */
export async function deleteAccessKey(db: Db, owner: KeyOwner, accessKeyId: string): Promise<boolean> {
  const result = await ramTables(db)
    .deleteFrom('ram.access_keys')
    .where('access_key_id', '=', accessKeyId)
    .where('account_id', '=', owner.accountId)
    .where('user_id', 'is not distinct from', owner.userId ?? null)
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

/** Moves the times of last use forward, never back. */
export async function recordAccessKeyUses(db: Db, uses: ReadonlyMap<string, Date>): Promise<void> {
  if (uses.size === 0) return
  const ids = [...uses.keys()]
  const times = [...uses.values()].map((at) => at.toISOString())
  await sql`
    update ram.access_keys as key set last_used_at = used.at
    from unnest(${ids}::text[], ${times}::timestamptz[]) as used (id, at)
    where key.access_key_id = used.id and (key.last_used_at is null or key.last_used_at < used.at)`.execute(db)
}
