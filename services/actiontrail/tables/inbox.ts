import { type Db, tablesOf } from '@pileus/kernel/store/store'
import { sql } from 'kysely'
import type pg from 'pg'
import type { NewEntry } from '../domain/event.ts'

interface InboxTables {
  'actiontrail.inbox': {
    region_id: string
    account_id: string | null
    event_id: string
    event_time: Date
    body: string
  }
  'actiontrail.begun': {
    region_id: string
    account_id: string | null
    event_id: string
    event_time: Date
    body: string
  }
}

/**
 * Writes a batch in one statement. When nothing in it asks for the disk, the commit does not wait for it: a killed
 * process loses nothing, a power cut at most the last moments of reads.
 */
export async function insertBatch(pool: pg.Pool, entries: readonly NewEntry[], onDisk: boolean): Promise<void> {
  // Texts of lines, because lists have each element looked through for what must be escaped. No field has line breaks:
  // JSON writes its own as `\\n`.
  const column = (value: (entry: NewEntry) => string | number): string => entries.map(value).join('\n')
  const columns = [
    column((entry) => entry.regionId),
    column((entry) => entry.accountId ?? ''),
    column((entry) => entry.eventId),
    column((entry) => entry.at.getTime()),
    column((entry) => entry.body),
  ]
  await pool.query(
    onDisk
      ? { name: 'actiontrail-insert-durably', text: `${insert} ${fromLists}`, values: columns }
      : {
          name: 'actiontrail-insert',
          text: `with fast as (select set_config('synchronous_commit', 'off', true)) ${insert} ${fromLists}, fast`,
          values: columns,
        },
  )
}

const insert = 'insert into actiontrail.inbox (region_id, account_id, event_id, event_time, body)'
const lines = (parameter: string): string => `string_to_array(${parameter}::text, e'\\n')`
const fromLists = `select r, nullif(a, ''), e::uuid, to_timestamp(t::bigint / 1000.0), b
  from unnest(${lines('$1')}, ${lines('$2')}, ${lines('$3')}, ${lines('$4')}, ${lines('$5')}) as l (r, a, e, t, b)`

/** Writes one entry in the caller's transaction. */
export async function insertEntry(db: Db, entry: NewEntry): Promise<void> {
  await tablesOf<InboxTables>(db).insertInto('actiontrail.inbox').values(rowOf(entry)).execute()
}

export async function insertBegun(db: Db, entry: NewEntry): Promise<void> {
  await tablesOf<InboxTables>(db).insertInto('actiontrail.begun').values(rowOf(entry)).execute()
}

/** Puts the record of a finished call in the place of what was begun. */
export async function finishBegun(db: Db, entry: NewEntry): Promise<void> {
  await sql`
    with done as (delete from actiontrail.begun where event_id = ${entry.eventId}::uuid)
    insert into actiontrail.inbox (region_id, account_id, event_id, event_time, body)
    values (${entry.regionId}, ${entry.accountId ?? null}, ${entry.eventId}::uuid, ${entry.at}, ${entry.body})
  `.execute(db)
}

/** Tells of calls that were begun and never finished, because their process ended. */
export async function giveUpBegun(db: Db, olderThanSeconds: number): Promise<number> {
  const moved = await sql`
    with lost as (
      delete from actiontrail.begun where event_id in (
        select event_id from actiontrail.begun where begun_at <= now() - make_interval(secs => ${olderThanSeconds}) limit 1000 for update skip locked
      ) returning *
    )
    insert into actiontrail.inbox (region_id, account_id, event_id, event_time, body)
    select region_id, account_id, event_id, event_time, body from lost
  `.execute(db)
  return Number(moved.numAffectedRows ?? 0)
}

/** Regions that have entries waiting for their index. */
export async function listWaitingRegions(db: Db): Promise<string[]> {
  const { rows } = await sql<{ region_id: string }>`
    with recursive regions as (
      (select region_id from actiontrail.inbox order by region_id limit 1)
      union all
      select (select i.region_id from actiontrail.inbox i where i.region_id > r.region_id order by i.region_id limit 1)
      from regions r where r.region_id is not null
    ) select region_id from regions where region_id is not null
  `.execute(db)
  return rows.map((row) => row.region_id)
}

function rowOf(entry: NewEntry) {
  const { regionId, accountId, eventId, at, body } = entry
  return { region_id: regionId, account_id: accountId ?? null, event_id: eventId, event_time: at, body }
}
