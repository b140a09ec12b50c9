import { type Db, tablesOf } from '@pileus/kernel/store/store'
import { sql } from 'kysely'
import type { EventRw, Trail, TrailSettings } from '../domain/trail.ts'

interface TrailRow {
  account_id: string
  name: string
  home_region_id: string
  event_rw: string
  trail_region: string
  bucket: string
  key_prefix: string
  write_role_arn: string
  is_logging: boolean
  data_event_selectors: string | null
  created_at: Date
  updated_at: Date
  started_at: Date | null
  stopped_at: Date | null
  delivered_at: Date | null
}

interface TrailTables {
  'actiontrail.trails': TrailRow
}

/** Names a trail; each region has its own. */
export interface TrailKey {
  accountId: string
  homeRegionId: string
  name: string
}

export async function listTrails(db: Db, where: Omit<TrailKey, 'name'>): Promise<Trail[]> {
  const rows = await tablesOf<TrailTables>(db)
    .selectFrom('actiontrail.trails')
    .selectAll()
    .where('account_id', '=', where.accountId)
    .where('home_region_id', '=', where.homeRegionId)
    .orderBy('name')
    .execute()
  return rows.map(trailOf)
}

export async function findTrail(db: Db, { accountId, homeRegionId, name }: TrailKey): Promise<Trail | undefined> {
  const row = await tablesOf<TrailTables>(db)
    .selectFrom('actiontrail.trails')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('home_region_id', '=', homeRegionId)
    .where('name', '=', name)
    .executeTakeFirst()
  return row && trailOf(row)
}

/** Holds the trail until the end of the transaction. */
export async function lockTrail(db: Db, key: TrailKey): Promise<Trail | undefined> {
  await sql`select 1 from actiontrail.trails where account_id = ${key.accountId}
    and home_region_id = ${key.homeRegionId} and name = ${key.name} for update`.execute(db)
  return await findTrail(db, key)
}

/** False when the account has one of that name. */
export async function insertTrail(db: Db, key: TrailKey, settings: TrailSettings, at: Date): Promise<boolean> {
  const made = await tablesOf<TrailTables>(db)
    .insertInto('actiontrail.trails')
    .values({
      account_id: key.accountId,
      name: key.name,
      home_region_id: key.homeRegionId,
      ...columnsOf(settings),
      is_logging: false,
      data_event_selectors: null,
      created_at: at,
      updated_at: at,
      started_at: null,
      stopped_at: null,
      delivered_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return made.numInsertedOrUpdatedRows === 1n
}

export async function updateTrail(
  db: Db,
  { accountId, homeRegionId, name }: TrailKey,
  change: Partial<TrailSettings> & Partial<Pick<Trail, 'isLogging' | 'startedAt' | 'stoppedAt' | 'deliveredAt'>>,
  updatedAt?: Date,
): Promise<void> {
  const { isLogging, startedAt, stoppedAt, deliveredAt } = change
  const set = {
    ...(change.bucket === undefined ? {} : columnsOf(change as TrailSettings)),
    ...(isLogging === undefined ? {} : { is_logging: isLogging }),
    ...(startedAt === undefined ? {} : { started_at: startedAt }),
    ...(stoppedAt === undefined ? {} : { stopped_at: stoppedAt }),
    ...(deliveredAt === undefined ? {} : { delivered_at: deliveredAt }),
    ...(updatedAt === undefined ? {} : { updated_at: updatedAt }),
  }
  await tablesOf<TrailTables>(db)
    .updateTable('actiontrail.trails')
    .set(set)
    .where('account_id', '=', accountId)
    .where('home_region_id', '=', homeRegionId)
    .where('name', '=', name)
    .execute()
}

export async function setDataEventSelectors(
  db: Db,
  { accountId, homeRegionId, name }: TrailKey,
  selectors: string | null,
): Promise<void> {
  await tablesOf<TrailTables>(db)
    .updateTable('actiontrail.trails')
    .set({ data_event_selectors: selectors })
    .where('account_id', '=', accountId)
    .where('home_region_id', '=', homeRegionId)
    .where('name', '=', name)
    .execute()
}

export async function deleteTrail(db: Db, { accountId, homeRegionId, name }: TrailKey): Promise<boolean> {
  const gone = await tablesOf<TrailTables>(db)
    .deleteFrom('actiontrail.trails')
    .where('account_id', '=', accountId)
    .where('home_region_id', '=', homeRegionId)
    .where('name', '=', name)
    .executeTakeFirst()
  return gone.numDeletedRows === 1n
}

/** Accounts that a logging trail makes keep calls on objects. */
export async function listDataEventAccounts(db: Db): Promise<string[]> {
  const { rows } = await sql<{ account_id: string }>`
    select distinct account_id from actiontrail.trails where is_logging and data_event_selectors is not null
  `.execute(db)
  return rows.map((row) => row.account_id)
}

function columnsOf(settings: TrailSettings) {
  return {
    event_rw: settings.eventRw,
    trail_region: settings.trailRegion,
    bucket: settings.bucket,
    key_prefix: settings.keyPrefix,
    write_role_arn: settings.writeRoleArn,
  }
}

function trailOf(row: TrailRow): Trail {
  return {
    accountId: row.account_id,
    name: row.name,
    homeRegionId: row.home_region_id,
    eventRw: row.event_rw as EventRw,
    trailRegion: row.trail_region,
    bucket: row.bucket,
    keyPrefix: row.key_prefix,
    writeRoleArn: row.write_role_arn,
    isLogging: row.is_logging,
    dataEventSelectors: row.data_event_selectors ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    startedAt: row.started_at ?? undefined,
    stoppedAt: row.stopped_at ?? undefined,
    deliveredAt: row.delivered_at ?? undefined,
  }
}
