/** Stretches of the regions' logs that trails deliver. */
import { type Db, tablesOf } from '@pileus/kernel/store/store'
import { sql } from 'kysely'
import type { EventRw } from '../domain/trail.ts'
import type { TrailKey } from './trails.ts'

interface SpanTables {
  'actiontrail.spans': {
    id: number
    account_id: string
    home_region_id: string
    name: string
    region_id: string
    next_index: number
    to_index: number | null
    end_index: number | null
    error: string | null
  }
}

export interface Span extends TrailKey {
  id: number
  regionId: string
  /** First entry that is not delivered. */
  nextIndex: number
  /** While a delivery is under way: the entry before which it ends. */
  toIndex: number | undefined
  /** The entry before which the span ends; undefined while the trail goes on. */
  endIndex: number | undefined
  /** Why the last delivery failed. */
  error: string | undefined
}

/** Begins a span in each region at the end of its log. */
export async function openSpans(
  db: Db,
  { accountId, homeRegionId, name }: TrailKey,
  regionIds: readonly string[],
): Promise<void> {
  await sql`
    insert into actiontrail.spans (account_id, home_region_id, name, region_id, next_index)
    select ${accountId}, ${homeRegionId}, ${name}, r.region_id, coalesce(l.size, 0)
    from unnest(${regionIds}::text[]) as r (region_id) left join actiontrail.logs l on l.region_id = r.region_id
    where not exists (
      select 1 from actiontrail.spans s
      where s.account_id = ${accountId} and s.home_region_id = ${homeRegionId} and s.name = ${name}
        and s.region_id = r.region_id and s.end_index is null
    )
  `.execute(db)
}

/** Ends the open spans of a trail, in all regions but these, where the logs end now. */
export async function closeSpans(
  db: Db,
  { accountId, homeRegionId, name }: TrailKey,
  but: readonly string[],
): Promise<void> {
  await sql`
    update actiontrail.spans s set end_index = coalesce((select size from actiontrail.logs l where l.region_id = s.region_id), 0)
    where s.account_id = ${accountId} and s.home_region_id = ${homeRegionId} and s.name = ${name}
      and s.end_index is null and s.region_id <> all (${but}::text[])
  `.execute(db)
}

export async function listSpans(db: Db, which: Partial<TrailKey> & { id?: number } = {}): Promise<Span[]> {
  let query = tablesOf<SpanTables>(db).selectFrom('actiontrail.spans').selectAll().orderBy('id')
  if (which.id !== undefined) query = query.where('id', '=', which.id)
  if (which.accountId !== undefined) query = query.where('account_id', '=', which.accountId)
  if (which.homeRegionId !== undefined) query = query.where('home_region_id', '=', which.homeRegionId)
  if (which.name !== undefined) query = query.where('name', '=', which.name)
  return (await query.execute()).map((row) => ({
    id: row.id,
    accountId: row.account_id,
    homeRegionId: row.home_region_id,
    name: row.name,
    regionId: row.region_id,
    nextIndex: row.next_index,
    toIndex: row.to_index ?? undefined,
    endIndex: row.end_index ?? undefined,
    error: row.error ?? undefined,
  }))
}

/** The span while no other process delivers it. */
export async function lockSpan(db: Db, id: number): Promise<Span | undefined> {
  const { rows } = await sql<{ id: number }>`
    select id from actiontrail.spans where id = ${id} for update skip locked
  `.execute(db)
  return rows.length === 0 ? undefined : (await listSpans(db, { id }))[0]
}

/** Entries up to `toIndex` are on their way, or have arrived when it is undefined. */
export async function setSpan(
  db: Db,
  id: number,
  change: { nextIndex?: number; toIndex?: number | null; error?: string | null },
): Promise<void> {
  const { nextIndex, toIndex, error } = change
  await tablesOf<SpanTables>(db)
    .updateTable('actiontrail.spans')
    .set({
      ...(nextIndex === undefined ? {} : { next_index: nextIndex }),
      ...(toIndex === undefined ? {} : { to_index: toIndex }),
      ...(error === undefined ? {} : { error }),
    })
    .where('id', '=', id)
    .execute()
}

export async function deleteSpan(db: Db, id: number): Promise<void> {
  await tablesOf<SpanTables>(db).deleteFrom('actiontrail.spans').where('id', '=', id).execute()
}

export interface DeliverableEntry {
  index: number
  at: Date
  body: string
}

/** Entries of an account from `from` on, before `to`; of one kind when `eventRw` says so. */
export async function listDeliverable(
  db: Db,
  which: { accountId: string; regionId: string; eventRw: EventRw; from: number; to: number | undefined },
  limit: number,
): Promise<DeliverableEntry[]> {
  const { rows } = await sql<{ index: number; event_time: Date; body: string }>`
    select index, event_time, body from actiontrail.entries
    where account_id = ${which.accountId} and region_id = ${which.regionId} and index >= ${which.from}
      and (${which.to ?? null}::bigint is null or index < ${which.to ?? null}::bigint)
      and (${which.eventRw} = 'All' or event_rw = ${which.eventRw})
    order by index limit ${limit}
  `.execute(db)
  return rows.map((row) => ({ index: row.index, at: row.event_time, body: row.body }))
}
