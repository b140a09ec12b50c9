/** Private addresses. Whoever adds one holds the vswitch's `allocate` lock, so free means free. */
import type { Db } from '@pileus/kernel/store/store'
import { sql } from 'kysely'
import { usableRange } from '../domain/addressing.ts'
import { findIpv4, formatIpv4, getCidr } from '../domain/cidr.ts'
import { tables } from './schema.ts'

/**
 * Up to `count` free addresses of the vswitch, beginning behind the one given last: an address that was just freed
 * comes back as late as possible. Takes the vswitch's `allocate` lock, which the transaction then holds.
 */
export async function takeFreeAddresses(
  db: Db,
  vswitch: { vswitchId: string; cidr: string },
  count: number,
): Promise<string[]> {
  if (count === 0) return []
  const { first, last } = usableRange(getCidr(vswitch.cidr))
  const { next_offset } = await tables(db)
    .selectFrom('vpc.vswitches')
    .select('next_offset')
    .where('vswitch_id', '=', vswitch.vswitchId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow()
  const start = first + next_offset > last ? first : first + next_offset
  const free = await listFree(db, vswitch.vswitchId, { from: start, to: last }, count)
  if (free.length < count) {
    free.push(...(await listFree(db, vswitch.vswitchId, { from: first, to: start - 1 }, count - free.length)))
  }
  const lastTaken = free.at(-1)
  if (lastTaken !== undefined) {
    await tables(db)
      .updateTable('vpc.vswitches')
      .set({ next_offset: lastTaken + 1 - first })
      .where('vswitch_id', '=', vswitch.vswitchId)
      .execute()
  }
  return free.map(formatIpv4)
}

/** The lowest free addresses of a range. It looks at windows that grow: near the last one given most are free. */
async function listFree(
  db: Db,
  vswitchId: string,
  range: { from: number; to: number },
  count: number,
): Promise<number[]> {
  const free: number[] = []
  let size = count + 32
  for (let from = range.from; from <= range.to && free.length < count; from += size / 2) {
    const to = Math.min(range.to, from + size - 1)
    const taken = new Set(await listTakenBetween(db, vswitchId, from, to))
    for (let ip = from; ip <= to && free.length < count; ip += 1) if (!taken.has(ip)) free.push(ip)
    // The loop steps by half of the doubled size: by the window that was just seen.
    size *= 2
  }
  return free
}

async function listTakenBetween(db: Db, vswitchId: string, from: number, to: number): Promise<number[]> {
  const rows = await tables(db)
    .selectFrom('vpc.addresses')
    .select('ip')
    .where('vswitch_id', '=', vswitchId)
    .where('ip', '>=', formatIpv4(from))
    .where('ip', '<=', formatIpv4(to))
    .execute()
  return rows.map((row) => findIpv4(row.ip) ?? 0)
}

/** Serves one allocation in the vswitch after the other until the transaction ends. */
export async function lockForAllocation(db: Db, vswitchId: string): Promise<void> {
  await tables(db)
    .selectFrom('vpc.vswitches')
    .select('vswitch_id')
    .where('vswitch_id', '=', vswitchId)
    .forNoKeyUpdate()
    .execute()
}

/** Those of the addresses that are taken. */
export async function listTaken(db: Db, vswitchId: string, ips: readonly string[]): Promise<string[]> {
  if (ips.length === 0) return []
  const rows = await tables(db)
    .selectFrom('vpc.addresses')
    .select('ip')
    .where('vswitch_id', '=', vswitchId)
    .where('ip', 'in', ips)
    .orderBy('ip')
    .execute()
  return rows.map((row) => row.ip)
}

export async function countAddresses(db: Db, vswitchId: string): Promise<number> {
  const { total } = await tables(db)
    .selectFrom('vpc.addresses')
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .where('vswitch_id', '=', vswitchId)
    .executeTakeFirstOrThrow()
  return total
}

export async function insertAddresses(
  db: Db,
  vswitchId: string,
  given: readonly { nicId: string; ip: string; isPrimary: boolean }[],
): Promise<void> {
  if (given.length === 0) return
  await tables(db)
    .insertInto('vpc.addresses')
    .values(
      given.map(({ nicId, ip, isPrimary }) => ({ vswitch_id: vswitchId, nic_id: nicId, ip, is_primary: isPrimary })),
    )
    .execute()
}

/** Frees secondary addresses of a card. */
export async function deleteSecondaryAddresses(db: Db, nicId: string, ips: readonly string[]): Promise<void> {
  if (ips.length === 0) return
  await tables(db)
    .deleteFrom('vpc.addresses')
    .where('nic_id', '=', nicId)
    .where('is_primary', '=', false)
    .where('ip', 'in', ips)
    .execute()
}

/** `count` unused MAC addresses under the vendor's prefix, scattered so that they do not tell their order. */
export async function takeMacs(db: Db, count: number): Promise<string[]> {
  const { rows } = await sql<{ n: number }>`
    select nextval('vpc.mac_suffixes') as n from generate_series(1, ${count}::int)`.execute(db)
  return rows.map(({ n }) => {
    // Multiplying by an odd number permutes the 2^24 suffixes.
    const suffix = Math.imul(n, 0x9e3779b1) & 0xffffff
    const hex = suffix.toString(16).padStart(6, '0')
    return `00:16:3e:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4)}`
  })
}

/** Sorts addresses as numbers. */
export function sortIps(ips: readonly string[]): string[] {
  return ips
    .map((ip) => findIpv4(ip) ?? 0)
    .sort((a, b) => a - b)
    .map(formatIpv4)
}
