/** Lists of instances, filtered and paged. */
import type { Page } from '@pileus/kernel/pagination'
import type { Db } from '@pileus/kernel/store/store'
import { taggedWith } from '@pileus/kernel/tags'
import { sql } from 'kysely'
import { instanceTypes } from '../domain/instance-types.ts'
import { type Listed, listPage } from './paging.ts'
import { type CountedColumn, ecsTables, type InstanceRow, type Owner } from './schema.ts'

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
  const counted = countedConditions(owner, filter)
  const isCounted = Object.entries(filter).every(
    ([name, value]) => countedFilters.has(name) || value === undefined || isEmptyList(value),
  )
  let rows = ecsTables(db).selectFrom('ecs.instances').where('deleted_at', 'is', null)
  for (const { column, values } of counted) rows = rows.where(column, 'in', values as never)
  if (filter.ids) rows = rows.where(sql<boolean>`id = any (${filter.ids}::text[])`)
  if (filter.name !== undefined) rows = rows.where('name', 'like', likePattern(filter.name))
  if (filter.createdSince) rows = rows.where('created_at', '>=', filter.createdSince)
  for (const tag of filter.tags ?? []) {
    rows = rows.where('id', 'in', taggedWith(db, { ...owner, product: 'ecs', resourceType: 'instance' }, tag))
  }
  return await listPage<InstanceRow>(rows.selectAll(), page, async () => {
    if (isCounted) return await sumCounts(db, counted)
    const { count } = await rows.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
    return count
  })
}

/** Filters by the columns whose combinations are counted. */
const countedFilters: ReadonlySet<string> = new Set([
  'status',
  'zoneId',
  'vpcId',
  'vswitchId',
  'instanceType',
  'instanceTypeFamily',
  'imageId',
  'keyPairName',
  'resourceGroupId',
  'httpEndpoint',
  'httpTokens',
  'httpHopLimit',
])

interface CountedCondition {
  column: CountedColumn
  values: readonly (string | number)[]
}

function countedConditions(owner: Owner, filter: InstanceFilter): CountedCondition[] {
  const { instanceTypeFamily: family } = filter
  const ofFamily = instanceTypes.filter((type) => type.family === family).map((type) => type.id)
  const equal: readonly (readonly [CountedColumn, string | number | undefined])[] = [
    ['account_id', owner.accountId],
    ['region_id', owner.regionId],
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
  ]
  return [
    ...equal.flatMap(([column, value]) => (value === undefined ? [] : [{ column, values: [value] }])),
    ...(family === undefined
      ? []
      : [{ column: 'instance_type' as const, values: ofFamily.length > 0 ? ofFamily : [''] }]),
  ]
}

/** How many instances there are: the sum of the steps that triggers keep. */
async function sumCounts(db: Db, conditions: readonly CountedCondition[]): Promise<number> {
  let steps = ecsTables(db).selectFrom('ecs.instance_count_steps')
  for (const { column, values } of conditions) steps = steps.where(column, 'in', values as never)
  const row = await steps.select(sql<number>`coalesce(sum(step), 0)`.as('count')).executeTakeFirstOrThrow()
  return row.count
}

/** Sums up the steps of combinations that have several, so that counting stays cheap. */
export async function compactCounts(db: Db): Promise<void> {
  const combination = sql.raw(
    `account_id, region_id, status, zone_id, vpc_id, vswitch_id, instance_type, image_id, key_pair_name,
      resource_group_id, http_endpoint, http_tokens, http_hop_limit`,
  )
  await sql`
    with several as (
      select array_agg(ctid) as places from ecs.instance_count_steps group by ${combination} having count(*) > 1
    ), gone as (
      delete from ecs.instance_count_steps where ctid = any (array(
        select s.ctid from ecs.instance_count_steps s where s.ctid in (select unnest(places) from several)
        for update skip locked
      )) returning *
    )
    insert into ecs.instance_count_steps
    select ${combination}, sum(step) from gone group by ${combination} having sum(step) <> 0`.execute(db)
}

/** A LIKE pattern for text in which `*` stands for anything. */
export function likePattern(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%')
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}
