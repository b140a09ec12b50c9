/** The log of a region: its key, its size, its entries, and the tiles of its tree. */
import { hashesOf, type Tile, tileWidth } from '@pileus/kernel/audit/tiles'
import { type Db, tablesOf } from '@pileus/kernel/store/store'
import { sql } from 'kysely'

interface LogTables {
  'actiontrail.logs': {
    region_id: string
    origin: string
    verifier_key: string
    sealed_key: Buffer
    size: number
    checkpoint: string
  }
  'actiontrail.tiles': { region_id: string; level: number; index: number; hashes: Buffer }
}

export interface LogRow {
  regionId: string
  origin: string
  verifierKey: string
  sealedKey: Buffer
  size: number
  /** Signed; of this size. */
  checkpoint: string
}

export async function findLog(db: Db, regionId: string): Promise<LogRow | undefined> {
  return (await listLogs(db, regionId))[0]
}

export async function listLogs(db: Db, regionId?: string): Promise<LogRow[]> {
  let query = tablesOf<LogTables>(db).selectFrom('actiontrail.logs').selectAll().orderBy('region_id')
  if (regionId !== undefined) query = query.where('region_id', '=', regionId)
  return (await query.execute()).map((row) => ({
    regionId: row.region_id,
    origin: row.origin,
    verifierKey: row.verifier_key,
    sealedKey: row.sealed_key,
    size: row.size,
    checkpoint: row.checkpoint,
  }))
}

/** Keeps the first of two logs that are made at once. */
export async function insertLog(db: Db, log: LogRow): Promise<void> {
  await tablesOf<LogTables>(db)
    .insertInto('actiontrail.logs')
    .values({
      region_id: log.regionId,
      origin: log.origin,
      verifier_key: log.verifierKey,
      sealed_key: log.sealedKey,
      size: log.size,
      checkpoint: log.checkpoint,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function setSize(db: Db, regionId: string, size: number, checkpoint: string): Promise<void> {
  await tablesOf<LogTables>(db)
    .updateTable('actiontrail.logs')
    .set({ size, checkpoint })
    .where('region_id', '=', regionId)
    .execute()
}

/**
 * Has the transaction find waiting entries by their index. The inbox is refilled and emptied all the time, so that
 * what the planner knows of its size is wrong: it would read all that was there since the last vacuum.
 */
export async function readInboxByIndex(tx: Db): Promise<void> {
  await sql`select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)`.execute(tx)
}

/** Has the space of placed entries used again; the database's own vacuum comes by once a minute. */
export async function vacuumInbox(db: Db): Promise<void> {
  await sql`vacuum (truncate false, skip_locked) actiontrail.inbox`.execute(db)
}

/**
 * Gives waiting entries of a region their indexes from `size` on, and answers the hashes of their leaves in this
 * order. The database does both, so that bodies need not travel; `offset 0` has it read each body once.
 */
export async function sequenceWaiting(db: Db, regionId: string, size: number, limit: number): Promise<Buffer[]> {
  const { rows } = await sql<{ leaf: Buffer }>`
    with taken as (
      delete from actiontrail.inbox where id in (
        select id from actiontrail.inbox where region_id = ${regionId} order by id limit ${limit}
      ) returning id, account_id, event_id, event_time, body
    ), placed as (
      insert into actiontrail.entries (region_id, index, account_id, event_id, event_time, service_name, event_name,
        event_rw, event_category, user_name, access_key_id, resource_type, resource_names, body)
      select ${regionId}, ${size}::bigint + row_number() over (order by id) - 1, account_id, event_id, event_time,
        j ->> 'serviceName', j ->> 'eventName', j ->> 'eventRW', j ->> 'eventCategory',
        j #>> '{userIdentity,userName}', j #>> '{userIdentity,accessKeyId}', j ->> 'resourceType',
        coalesce((select array_agg(name)
          from jsonb_each(j -> 'referencedResources') as t (type, names), jsonb_array_elements_text(names) as n (name)
        ), '{}'), body
      from (select *, body::jsonb as j from taken offset 0) as parsed
      returning index, sha256('\\x00'::bytea || convert_to(body, 'UTF8')) as leaf
    )
    select leaf from placed order by index
  `.execute(db)
  return rows.map((row) => row.leaf)
}

/** Hashes of the partial tiles on the right edge of a tree of `size` entries, lowest level first. */
export async function readEdge(db: Db, regionId: string, size: number): Promise<Buffer[][]> {
  const edge: Buffer[][] = []
  for (let count = size, level = 0; count > 0; count = Math.floor(count / tileWidth), level += 1) {
    const width = count % tileWidth
    const tile = { level, index: Math.floor(count / tileWidth), width }
    edge.push(width === 0 ? [] : hashesOf(await readTile(db, regionId, tile)))
  }
  return edge
}

/** @throws Error when the database does not hold it */
export async function readTile(db: Db, regionId: string, { level, index, width }: Tile): Promise<Buffer> {
  const row = await tablesOf<LogTables>(db)
    .selectFrom('actiontrail.tiles')
    .select('hashes')
    .where('region_id', '=', regionId)
    .where('level', '=', level)
    .where('index', '=', index)
    .executeTakeFirst()
  if (!row || row.hashes.length < width * 32) {
    throw new Error(`the log of ${regionId} lacks tile ${level}/${index} with ${width} hashes; restore its database`)
  }
  return row.hashes.subarray(0, width * 32)
}

export async function writeTiles(
  db: Db,
  regionId: string,
  tiles: readonly { level: number; index: number; hashes: readonly Buffer[] }[],
): Promise<void> {
  if (tiles.length === 0) return
  await tablesOf<LogTables>(db)
    .insertInto('actiontrail.tiles')
    .values(
      tiles.map(({ level, index, hashes }) => ({
        region_id: regionId,
        level,
        index,
        hashes: Buffer.concat([...hashes]),
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['region_id', 'level', 'index']).doUpdateSet((set) => ({ hashes: set.ref('excluded.hashes') })),
    )
    .execute()
}

/** Bodies from index `from` on, in order. */
export async function listBodies(db: Db, regionId: string, from: number, count: number): Promise<string[]> {
  const { rows } = await sql<{ body: string }>`
    select body from actiontrail.entries
    where region_id = ${regionId} and index >= ${from} and index < ${from + count} order by index
  `.execute(db)
  return rows.map((row) => row.body)
}

/** Where an event is; event ids are UUIDs. */
export async function findPlace(db: Db, regionId: string, eventId: string): Promise<number | undefined> {
  const { rows } = await sql<{ index: number }>`
    select index from actiontrail.entries where event_id = ${eventId}::uuid and region_id = ${regionId}
  `.execute(db)
  return rows[0]?.index
}
