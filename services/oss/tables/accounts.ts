/** What accounts have said about all of their buckets. */
import type { Queryable } from './buckets.ts'

export async function setPublicAccessBlock(db: Queryable, accountId: string, isBlocked: boolean): Promise<void> {
  await db.query(
    `insert into oss.accounts (account_id, block_public_access) values ($1, $2)
     on conflict (account_id) do update set block_public_access = excluded.block_public_access`,
    [accountId, isBlocked],
  )
}

export async function findPublicAccessBlock(db: Queryable, accountId: string): Promise<boolean> {
  const { rows } = await db.query<{ block_public_access: boolean }>(
    'select block_public_access from oss.accounts where account_id = $1',
    [accountId],
  )
  return rows[0]?.block_public_access ?? false
}
