/**
 * Capacity. A pool is one physical machine; hosts stand for it in each of its zones. Reservations are guarded updates
 * of the pool's row, in the transaction of whoever needs the capacity.
 *
 * Locks. A transaction locks pools last. It first looks for pools that nobody holds (`skip locked`), and then waits for
 * none. Only when that is not enough does it wait; transactions that wait for pools while holding others do so one at
 * a time, under an advisory lock taken while they hold no pool, so that no two of them can wait for each other.
 */

import type { MachineCapacity } from '@pileus/kernel/fabric/machines'
import { say, type Text } from '@pileus/kernel/messages/text'
import { type Db, lockNamed } from '@pileus/kernel/store/store'
import { sql } from 'kysely'

export interface Placement {
  zoneId: string
  /** That the host must have; absent for a disk alone. */
  imageId?: string
  size: MachineCapacity
  count: number
  /** Fewer than `count` will do, down to this. */
  minCount: number
  /** Pools not heard of since are not used. */
  seenSince: Date
}

export type Placed = { kind: 'placed'; poolIds: string[] } | { kind: 'noStock'; reason: Text }

/** Pools not heard of for this long get no new machines. */
const unseenAfterMs = 60_000

/** Pools heard of since then are in touch. */
export function seenSince(now: Date): Date {
  return new Date(now.getTime() - unseenAfterMs)
}

/** How many hosts are looked at before the whole zone is. */
const sampleSize = 16

/** Reserves room for `count` machines, on the least loaded pools. */
export async function reserve(tx: Db, want: Placement): Promise<Placed> {
  // A single reservation that fails holds nothing, so there is nothing to go back from.
  const isSingle = want.count === 1
  if (!isSingle) await sql`savepoint placement`.execute(tx)
  const quick = await reserveEach(want, (taken) => reserveSampled(tx, want, taken))
  if (quick.length === want.count) return { kind: 'placed', poolIds: quick }
  if (!isSingle) await sql`rollback to savepoint placement`.execute(tx)
  await lockNamed(tx, 'ecs.placement')
  const slow = await reserveEach(want, () => reserveAnywhere(tx, want))
  if (slow.length >= want.minCount) return { kind: 'placed', poolIds: slow }
  if (!isSingle) await sql`rollback to savepoint placement`.execute(tx)
  return { kind: 'noStock', reason: await explainShortage(tx, want, slow.length) }
}

async function reserveEach(
  want: Placement,
  one: (taken: readonly string[]) => Promise<string | undefined>,
): Promise<string[]> {
  const poolIds: string[] = []
  while (poolIds.length < want.count) {
    const poolId = await one(poolIds)
    if (poolId === undefined) break
    poolIds.push(poolId)
  }
  return poolIds
}

/** Takes a free pool out of a random sample of the zone's hosts. */
async function reserveSampled(tx: Db, want: Placement, taken: readonly string[]): Promise<string | undefined> {
  const start = Math.random()
  const result = await sql<{ id: string }>`
    with sample as (
      (select pool_id from ecs.hosts where zone_id = ${want.zoneId} and sample_key >= ${start}
        order by sample_key limit ${sampleSize})
      union
      (select pool_id from ecs.hosts where zone_id = ${want.zoneId} and sample_key < ${start}
        order by sample_key limit ${sampleSize})
      union
      select unnest(${taken}::text[])
    ), chosen as (
      select p.id from ecs.host_pools p join sample s on s.pool_id = p.id
      where ${fits(want)}
      order by ${load} limit 1 for update of p skip locked
    )
    ${take(want)} where p.id = (select id from chosen) and ${hasRoom(want.size)}
    returning p.id`.execute(tx)
  return result.rows[0]?.id
}

/** Takes the least loaded pool of the zone, waiting for whoever holds it. */
async function reserveAnywhere(tx: Db, want: Placement): Promise<string | undefined> {
  // A candidate may fill up while we wait for its row, so the guard can fail: then the next one is tried.
  const candidates = await sql<{ id: string }>`
    select p.id from ecs.host_pools p
    where p.id in (select pool_id from ecs.hosts where zone_id = ${want.zoneId}) and ${fits(want)}
    order by ${load} limit 64`.execute(tx)
  for (const candidate of candidates.rows) {
    const result = await sql<{ id: string }>`
      ${take(want)} where p.id = ${candidate.id} and ${hasRoom(want.size)} returning p.id`.execute(tx)
    if (result.rows[0]) return result.rows[0].id
  }
  return undefined
}

const load = sql`greatest(
  p.reserved_memory_mib::float / greatest(p.memory_mib, 1), p.reserved_vcpus::float / greatest(p.vcpus, 1)), p.id`

function fits(want: Placement) {
  const hasImage = want.imageId === undefined ? sql`true` : sql`p.image_ids @> array[${want.imageId}]::text[]`
  return sql`p.heartbeat_at >= ${want.seenSince} and ${hasImage} and ${hasRoom(want.size)}`
}

function hasRoom(size: MachineCapacity) {
  return sql`p.reserved_vcpus + ${size.vcpus}::integer <= p.vcpus
    and p.reserved_memory_mib + ${size.memoryMiB}::integer <= p.memory_mib
    and p.reserved_disk_gib + ${size.diskGiB}::integer <= p.disk_gib`
}

function take(want: Placement) {
  return sql`update ecs.host_pools p set
    reserved_vcpus = p.reserved_vcpus + ${want.size.vcpus}::integer,
    reserved_memory_mib = p.reserved_memory_mib + ${want.size.memoryMiB}::integer,
    reserved_disk_gib = p.reserved_disk_gib + ${want.size.diskGiB}::integer`
}

async function explainShortage(tx: Db, want: Placement, placed: number): Promise<Text> {
  if (want.imageId === undefined) {
    return say`No host of the zone that is in touch has ${want.size.diskGiB} GiB of disk left.`
  }
  const result = await sql<{ pools: number; vcpus: number; memory: number; disk: number }>`
    select count(*)::integer as pools,
      coalesce(max(p.vcpus - p.reserved_vcpus), 0) as vcpus,
      coalesce(max(p.memory_mib - p.reserved_memory_mib), 0) as memory,
      coalesce(max(p.disk_gib - p.reserved_disk_gib), 0) as disk
    from ecs.host_pools p
    where p.id in (select pool_id from ecs.hosts where zone_id = ${want.zoneId})
      and p.heartbeat_at >= ${want.seenSince} and p.image_ids @> array[${want.imageId}]::text[]`.execute(tx)
  const free = result.rows[0]
  if (!free || free.pools === 0) return say`No host of the zone that has the image ${want.imageId} is in touch.`
  const { vcpus, memoryMiB, diskGiB } = want.size
  return say`There is room for ${placed} of the ${want.count} instances. Each needs ${vcpus} vCPUs, ${memoryMiB} MiB of memory and ${diskGiB} GiB of disk on one host; at most ${free.vcpus} vCPUs, ${free.memory} MiB and ${free.disk} GiB are free on any.`
}

/** Reserves on one given pool; false when it has no room. */
export async function reserveOn(tx: Db, poolId: string, size: MachineCapacity): Promise<boolean> {
  const result = await sql`
    ${take({ size } as Placement)} where p.id = ${poolId} and ${hasRoom(size)}`.execute(tx)
  return result.numAffectedRows === 1n
}

/** Reserves on one pool what was reserved on another; false when it has no room. */
export async function moveReservation(
  tx: Db,
  move: { from: string | null; to: string; size: MachineCapacity },
): Promise<boolean> {
  // As all that hold one pool and wait for another.
  await lockNamed(tx, 'ecs.placement')
  if (!(await reserveOn(tx, move.to, move.size))) return false
  if (move.from !== null) await release(tx, [{ poolId: move.from, size: move.size }])
  return true
}

/** Gives capacity back. */
export async function release(tx: Db, freed: readonly { poolId: string; size: MachineCapacity }[]): Promise<void> {
  const byPool = new Map<string, MachineCapacity>()
  for (const { poolId, size } of freed) {
    const sum = byPool.get(poolId) ?? { vcpus: 0, memoryMiB: 0, diskGiB: 0 }
    byPool.set(poolId, {
      vcpus: sum.vcpus + size.vcpus,
      memoryMiB: sum.memoryMiB + size.memoryMiB,
      diskGiB: sum.diskGiB + size.diskGiB,
    })
  }
  if (byPool.size > 1) await lockNamed(tx, 'ecs.placement')
  for (const [poolId, size] of [...byPool].sort(([a], [b]) => (a < b ? -1 : 1))) {
    await sql`
      update ecs.host_pools p set
        reserved_vcpus = p.reserved_vcpus - ${size.vcpus}::integer,
        reserved_memory_mib = p.reserved_memory_mib - ${size.memoryMiB}::integer,
        reserved_disk_gib = p.reserved_disk_gib - ${size.diskGiB}::integer
      where p.id = ${poolId}`.execute(tx)
  }
}

/** Free room of the hosts of each zone, at best: what one machine could have. */
export async function listZoneRoom(
  db: Db,
  regionId: string,
  seenSince: Date,
): Promise<Map<string, { vcpus: number; memoryMiB: number }[]>> {
  const result = await sql<{ zone_id: string; vcpus: number; memory: number }>`
    select h.zone_id, p.vcpus - p.reserved_vcpus as vcpus, max(p.memory_mib - p.reserved_memory_mib) as memory
    from ecs.hosts h join ecs.host_pools p on p.id = h.pool_id
    where h.region_id = ${regionId} and p.heartbeat_at >= ${seenSince}
    group by 1, 2`.execute(db)
  const rooms = new Map<string, { vcpus: number; memoryMiB: number }[]>()
  for (const row of result.rows) {
    const rows = rooms.get(row.zone_id) ?? []
    rows.push({ vcpus: row.vcpus, memoryMiB: row.memory })
    rooms.set(row.zone_id, rows)
  }
  return rooms
}

export interface PoolRecord {
  id: string
  engine: string
  accelerator: string
  capacity: MachineCapacity
  imageIds: string[]
  at: Date
}

/** Makes the pools' rows say this; reservations stay. */
export async function ensurePools(tx: Db, pools: readonly PoolRecord[]): Promise<void> {
  if (pools.length > 1) await lockNamed(tx, 'ecs.placement')
  await sql`
    insert into ecs.host_pools (id, engine, accelerator, vcpus, memory_mib, disk_gib, image_ids, heartbeat_at)
    select r.id, r.engine, r.accelerator, r.vcpus, r.memory_mib, r.disk_gib, r.image_ids, r.heartbeat_at
    from jsonb_to_recordset(${JSON.stringify(
      pools.map((pool) => ({
        id: pool.id,
        engine: pool.engine,
        accelerator: pool.accelerator,
        vcpus: pool.capacity.vcpus,
        memory_mib: pool.capacity.memoryMiB,
        disk_gib: pool.capacity.diskGiB,
        image_ids: pool.imageIds,
        heartbeat_at: pool.at,
      })),
    )}::jsonb) as r(id text, engine text, accelerator text, vcpus integer, memory_mib integer, disk_gib integer,
      image_ids text[], heartbeat_at timestamptz)
    order by r.id
    on conflict (id) do update set engine = excluded.engine, accelerator = excluded.accelerator,
      vcpus = excluded.vcpus, memory_mib = excluded.memory_mib, disk_gib = excluded.disk_gib,
      image_ids = excluded.image_ids, heartbeat_at = excluded.heartbeat_at`.execute(tx)
}

/** Makes a host record for each zone of each pool; hosts in other zones go. */
export async function ensureHosts(
  tx: Db,
  hosts: readonly { poolId: string; regionId: string; zoneId: string }[],
): Promise<void> {
  const rows = JSON.stringify(
    hosts.map((host) => ({
      id: `${host.poolId}/${host.zoneId}`,
      pool_id: host.poolId,
      region_id: host.regionId,
      zone_id: host.zoneId,
    })),
  )
  await sql`
    with given as (
      select * from jsonb_to_recordset(${rows}::jsonb) as r(id text, pool_id text, region_id text, zone_id text)
    ), gone as (
      delete from ecs.hosts where pool_id in (select pool_id from given) and id not in (select id from given)
    )
    insert into ecs.hosts (id, pool_id, region_id, zone_id)
    select id, pool_id, region_id, zone_id from given order by id on conflict do nothing`.execute(tx)
}

export async function noteHeartbeats(db: Db, poolIds: readonly string[], at: Date): Promise<void> {
  // A pool that somebody holds is in use; its heartbeat can wait for the next time.
  await sql`
    update ecs.host_pools set heartbeat_at = ${at} where id in (
      select id from ecs.host_pools where id = any(${poolIds}::text[]) for update skip locked
    )`.execute(db)
}
