/** Lists of instances, filtered and paged. */
import type { Page } from '@pileus/kernel/pagination'
import type { Db } from '@pileus/kernel/store/store'
import { taggedWith } from '@pileus/kernel/tags'
import { sql } from 'kysely'
import { instanceTypes } from '../domain/instance-types.ts'
import { type Listed, listPage } from './paging.ts'
import { ecsTables, type InstanceRow, type Owner } from './schema.ts'

export interface InstanceFilter {
  ids?: readonly string[] | undefined
  /** May begin or end with `*`. */
  name?: string | undefined
  status?: string | undefined
  zoneId?: string | undefined
  vpcId?: string | undefined
  vswitchId?: string | undefined
  instanceType?: string | undefined
  instanceTypeFamily?: string | undefined
  imageId?: string | undefined
  keyPairName?: string | undefined
  resourceGroupId?: string | undefined
  httpEndpoint?: string | undefined
  httpTokens?: string | undefined
  httpHopLimit?: number | undefined
  createdSince?: Date | undefined
  tags?: readonly { key: string; value?: string | undefined }[] | undefined
}

export async function listInstances(
  db: Db,
  owner: Owner,
  filter: InstanceFilter,
  page: Page,
): Promise<Listed<InstanceRow>> {
  const tables = ecsTables(db)
  let rows = tables
    .selectFrom('ecs.instances')
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('deleted_at', 'is', null)
  const equal = [
    ['status', filter.status],
    ['zone_id', filter.zoneId],
    ['vpc_id', filter.vpcId],
    ['vswitch_id', filter.vswitchId],
    ['instance_type', filter.instanceType],
    ['image_id', filter.imageId],
    ['key_pair_name', filter.keyPairName],
    ['resource_group_id', filter.resourceGroupId],
    ['http_endpoint', filter.httpEndpoint],
    ['http_tokens', filter.httpTokens],
    ['http_hop_limit', filter.httpHopLimit],
  ] as const
  for (const [column, value] of equal) if (value !== undefined) rows = rows.where(column, '=', value as never)
  if (filter.ids) rows = filter.ids.length > 0 ? rows.where('id', 'in', filter.ids) : rows.where('id', '=', '')
  if (filter.name !== undefined) rows = rows.where('name', 'like', likePattern(filter.name))
  if (filter.instanceTypeFamily !== undefined) {
    const family = filter.instanceTypeFamily
    const types = instanceTypes.filter((type) => type.family === family).map((type) => type.id)
    rows = rows.where('instance_type', 'in', types.length > 0 ? types : [''])
  }
  if (filter.createdSince) rows = rows.where('created_at', '>=', filter.createdSince)
  for (const tag of filter.tags ?? []) {
    rows = rows.where('id', 'in', taggedWith(db, { ...owner, product: 'ecs', resourceType: 'instance' }, tag))
  }
  const isUnfiltered = Object.values(filter).every((value) => value === undefined || isEmptyList(value))
  return await listPage<InstanceRow>(rows.selectAll(), page, async () => {
    if (isUnfiltered) return await countInstances(db, owner)
    const counted = await rows.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
    return counted.count
  })
}

/** How many instances the account has: the sum of the steps that triggers keep. */
export async function countInstances(db: Db, owner: Owner): Promise<number> {
  const row = await ecsTables(db)
    .selectFrom('ecs.instance_count_steps')
    .select(sql<number>`coalesce(sum(step), 0)`.as('count'))
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .executeTakeFirstOrThrow()
  return row.count
}

/** Sums up the steps of accounts that have many, so that counting stays cheap. */
export async function compactCounts(db: Db): Promise<void> {
  await sql`
    with gone as (
      delete from ecs.instance_count_steps where ctid in (
        select ctid from ecs.instance_count_steps where (account_id, region_id) in (
          select account_id, region_id from ecs.instance_count_steps group by 1, 2 having count(*) > 16
        ) for update skip locked
      ) returning account_id, region_id, step
    )
    insert into ecs.instance_count_steps
    select account_id, region_id, sum(step) from gone group by 1, 2 having sum(step) <> 0`.execute(db)
}

/** A LIKE pattern for text in which `*` stands for anything. */
export function likePattern(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%')
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}
