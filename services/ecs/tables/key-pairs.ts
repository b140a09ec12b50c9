import { apiError } from '@pileus/kernel/errors'
import type { Page } from '@pileus/kernel/pagination'
import type { Db } from '@pileus/kernel/store/store'
import { taggedWith } from '@pileus/kernel/tags'
import { errors } from '../errors.ts'
import { likePattern } from './instance-lists.ts'
import { type Listed, listPage } from './paging.ts'
import { ecsTables, type KeyPairRow, type Owner } from './schema.ts'

/** @throws KeyPair.AlreadyExist */
export async function insertKeyPair(tx: Db, row: KeyPairRow): Promise<void> {
  const result = await ecsTables(tx)
    .insertInto('ecs.key_pairs')
    .values(row)
    .onConflict((conflict) => conflict.columns(['account_id', 'region_id', 'name']).doNothing())
    .executeTakeFirst()
  if (result.numInsertedOrUpdatedRows === 0n) throw apiError(errors['KeyPair.AlreadyExist'], { name: row.name })
}

export const keyPairsOf = (db: Db, owner: Owner) =>
  ecsTables(db)
    .selectFrom('ecs.key_pairs')
    .selectAll()
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)

/** Keeps it from being deleted until the transaction ends. @throws InvalidKeyPairName.NotFound */
export async function holdKeyPair(tx: Db, owner: Owner, name: string): Promise<KeyPairRow> {
  const row = await keyPairsOf(tx, owner).where('name', '=', name).forShare().executeTakeFirst()
  if (!row) throw apiError(errors['InvalidKeyPairName.NotFound'], { name })
  return row
}

/** Public keys by `account/region/name`, for the documents of machines of any owner. */
export async function listPublicKeys(
  db: Db,
  wanted: readonly { account_id: string; region_id: string; key_pair_name: string | null }[],
): Promise<Map<string, string>> {
  const names = [...new Set(wanted.flatMap((row) => row.key_pair_name ?? []))]
  if (names.length === 0) return new Map()
  const rows = await ecsTables(db)
    .selectFrom('ecs.key_pairs')
    .select(['account_id', 'region_id', 'name', 'public_key'])
    .where('name', 'in', names)
    .where('account_id', 'in', [...new Set(wanted.map((row) => row.account_id))])
    .execute()
  return new Map(rows.map((row) => [`${row.account_id}/${row.region_id}/${row.name}`, row.public_key]))
}

export async function removeKeyPairs(tx: Db, owner: Owner, names: readonly string[]): Promise<KeyPairRow[]> {
  return await ecsTables(tx)
    .deleteFrom('ecs.key_pairs')
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('name', 'in', names)
    .returningAll()
    .execute()
}

export async function countKeyPairs(db: Db, owner: Owner): Promise<number> {
  const counted = await ecsTables(db)
    .selectFrom('ecs.key_pairs')
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return counted.count
}

export interface KeyPairFilter {
  /** `*` stands for anything. */
  name?: string | undefined
  fingerprint?: string | undefined
  resourceGroupId?: string | undefined
  tags?: readonly { key: string; value?: string | undefined }[]
}

export async function listKeyPairs(
  db: Db,
  owner: Owner,
  filter: KeyPairFilter,
  page: Page,
): Promise<Listed<KeyPairRow>> {
  let rows = ecsTables(db)
    .selectFrom('ecs.key_pairs')
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
  if (filter.name) rows = rows.where('name', 'like', likePattern(filter.name))
  if (filter.fingerprint) rows = rows.where('fingerprint', '=', filter.fingerprint)
  if (filter.resourceGroupId) rows = rows.where('resource_group_id', '=', filter.resourceGroupId)
  for (const tag of filter.tags ?? []) {
    rows = rows.where('id', 'in', taggedWith(db, { ...owner, product: 'ecs', resourceType: 'keypair' }, tag))
  }
  return await listPage<KeyPairRow>(rows.selectAll(), page, async () => {
    const counted = await rows.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
    return counted.count
  })
}
