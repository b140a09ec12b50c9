import type { Db } from '@pileus/kernel/store/store'
import { sql } from 'kysely'
import { ecsTables, type Owner } from './schema.ts'

/** Those of the resources that the owner has; key pairs go by name or id, and map to their id. */
export async function listOwned(
  db: Db,
  owner: Owner,
  type: 'instance' | 'disk' | 'keypair' | 'command',
  given: readonly string[],
): Promise<Map<string, string>> {
  if (given.length === 0) return new Map()
  const tables = ecsTables(db)
  if (type === 'keypair') {
    const rows = await tables
      .selectFrom('ecs.key_pairs')
      .select(['id', 'name'])
      .where('account_id', '=', owner.accountId)
      .where('region_id', '=', owner.regionId)
      .where((where) => where.or([where('name', 'in', given), where('id', 'in', given)]))
      .execute()
    return new Map(rows.flatMap((row) => [[row.id, row.id] as const, [row.name, row.id] as const]))
  }
  const query = {
    instance: () => tables.selectFrom('ecs.instances').where('deleted_at', 'is', null),
    disk: () => tables.selectFrom('ecs.disks').where('deleted_at', 'is', null),
    command: () => tables.selectFrom('ecs.commands').where('kept', '=', true),
  }[type]() as ReturnType<typeof tables.selectFrom<'ecs.disks'>>
  const rows = await query
    .select('id')
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('id', 'in', given)
    .execute()
  return new Map(rows.map((row) => [row.id, row.id]))
}

/** Names of key pairs by id. */
export async function listKeyPairNames(db: Db, owner: Owner, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await ecsTables(db)
    .selectFrom('ecs.key_pairs')
    .select(['id', 'name'])
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('id', 'in', ids)
    .execute()
  return new Map(rows.map((row) => [row.id, row.name]))
}

export interface TagCount {
  key: string
  value: string
  resource_type: string
  count: number
}

/** How many resources of each type carry each tag, ordered by key and value. */
export async function countTags(
  db: Db,
  owner: Owner,
  filter: {
    resourceType: string | undefined
    resourceId: string | undefined
    tags: readonly { key: string; value?: string | undefined }[]
  },
): Promise<TagCount[]> {
  const conditions = [
    sql`account_id = ${owner.accountId} and region_id = ${owner.regionId} and product = 'ecs'`,
    ...(filter.resourceType ? [sql`resource_type = ${filter.resourceType}`] : []),
    ...(filter.resourceId ? [sql`resource_id = ${filter.resourceId}`] : []),
    ...(filter.tags.length > 0
      ? [
          sql`(${sql.join(
            filter.tags.map((tag) =>
              tag.value ? sql`(key = ${tag.key} and value = ${tag.value})` : sql`key = ${tag.key}`,
            ),
            sql` or `,
          )})`,
        ]
      : []),
  ]
  const result = await sql<TagCount>`
    select key, value, resource_type, count(*)::integer as count from kernel.tags
    where ${sql.join(conditions, sql` and `)}
    group by key, value, resource_type order by key, value, resource_type`.execute(db)
  return result.rows
}
