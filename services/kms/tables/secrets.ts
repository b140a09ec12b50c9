import type { Db } from '@pileus/kernel/store/store'
import type { Owner } from './keys.ts'
import { kmsTables, type SecretRow, type SecretVersionRow } from './schema.ts'

/** Whether the name was free. */
export async function insertSecret(db: Db, secret: SecretRow): Promise<boolean> {
  const result = await kmsTables(db)
    .insertInto('kms.secrets')
    .values(secret)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

export async function findSecret(
  db: Db,
  owner: Owner,
  secretName: string,
  lock?: 'update',
): Promise<SecretRow | undefined> {
  const query = kmsTables(db)
    .selectFrom('kms.secrets')
    .selectAll()
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('secret_name', '=', secretName)
  return await (lock ? query.forUpdate() : query).executeTakeFirst()
}

export async function updateSecret(db: Db, secretId: string, change: Partial<SecretRow>): Promise<void> {
  await kmsTables(db).updateTable('kms.secrets').set(change).where('secret_id', '=', secretId).execute()
}

export async function deleteSecret(db: Db, secretId: string): Promise<void> {
  await kmsTables(db).deleteFrom('kms.secrets').where('secret_id', '=', secretId).execute()
}

/** One page in order of name, and how many there are in all. */
export async function listSecrets(
  db: Db,
  owner: Owner,
  filter: { nameHolds: string | undefined; secretIds: readonly string[] | undefined },
  page: { pageNumber: number; pageSize: number },
): Promise<{ secrets: SecretRow[]; total: number }> {
  let query = kmsTables(db)
    .selectFrom('kms.secrets')
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
  const { nameHolds, secretIds } = filter
  if (nameHolds !== undefined) query = query.where('secret_name', 'like', `%${nameHolds.replace(/[\\%_]/g, '\\$&')}%`)
  if (secretIds !== undefined) query = query.where('secret_id', 'in', [noSecret, ...secretIds])
  const secrets = await query
    .selectAll()
    .orderBy('secret_name')
    .limit(page.pageSize)
    .offset((page.pageNumber - 1) * page.pageSize)
    .execute()
  const { total } = await query.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  return { secrets, total }
}

/** No list in SQL may be empty. */
const noSecret = '00000000-0000-0000-0000-000000000000'

/** Newest first. */
export async function listSecretVersions(db: Db, secretId: string): Promise<SecretVersionRow[]> {
  return await kmsTables(db)
    .selectFrom('kms.secret_versions')
    .selectAll()
    .where('secret_id', '=', secretId)
    .orderBy('created_at', 'desc')
    .orderBy('version_id')
    .execute()
}

/** Whether the version is new. */
export async function insertSecretVersion(db: Db, version: SecretVersionRow): Promise<boolean> {
  const result = await kmsTables(db)
    .insertInto('kms.secret_versions')
    .values(version)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

export async function setStages(db: Db, secretId: string, versionId: string, stages: readonly string[]): Promise<void> {
  await kmsTables(db)
    .updateTable('kms.secret_versions')
    .set({ stages: [...stages] })
    .where('secret_id', '=', secretId)
    .where('version_id', '=', versionId)
    .execute()
}

export async function deleteSecretVersions(db: Db, secretId: string, versionIds: readonly string[]): Promise<void> {
  if (versionIds.length === 0) return
  await kmsTables(db)
    .deleteFrom('kms.secret_versions')
    .where('secret_id', '=', secretId)
    .where('version_id', 'in', versionIds)
    .execute()
}

/** Secrets whose time has come, of the regions given. */
export async function deleteDueSecrets(db: Db, regionIds: readonly string[], now: Date): Promise<string[]> {
  const rows = await kmsTables(db)
    .deleteFrom('kms.secrets')
    .where('region_id', 'in', regionIds)
    .where('delete_at', '<=', now)
    .returning('secret_id')
    .execute()
  return rows.map((row) => row.secret_id)
}
