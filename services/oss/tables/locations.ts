/** Where bytes are, over all tables that hold locations. */
import type { Store } from '@pileus/kernel/store/store'
import type { Queryable } from './buckets.ts'

const holders = ['objects', 'versions', 'segments', 'parts'] as const

/** Locations of `volumes` that any row holds. */
export async function listLiveLocations(db: Queryable, volumes: readonly string[]): Promise<string[]> {
  const union = holders.map(
    (table) =>
      `select location from oss.${table} where location is not null and split_part(location, '.', 1) = any($1)`,
  )
  const { rows } = await db.query<{ location: string }>({
    name: 'oss.list-live',
    text: union.join(' union '),
    values: [volumes],
  })
  return rows.map((row) => row.location)
}

/** Puts new locations in place of old ones, wherever they are held, in one transaction. */
export async function moveLocations(
  store: Pick<Store, 'pool'>,
  moves: readonly { from: string; to: string }[],
): Promise<void> {
  const client = await store.pool.connect()
  let isBroken = false
  try {
    await client.query('begin')
    for (const table of holders) {
      await client.query(
        `update oss.${table} held set location = moved.target
         from (select unnest($1::text[]) as source, unnest($2::text[]) as target) moved
         where held.location = moved.source
           and split_part(held.location, '.', 1) = split_part(moved.source, '.', 1)`,
        [moves.map((move) => move.from), moves.map((move) => move.to)],
      )
    }
    await client.query('commit')
  } catch (error) {
    isBroken = true
    throw error
  } finally {
    client.release(isBroken)
  }
}

export interface Garbage {
  garbageId: number
  location: string
}

/** The oldest first. */
export async function listGarbage(db: Queryable, limit: number): Promise<Garbage[]> {
  const { rows } = await db.query<{ garbage_id: number; location: string }>(
    'select garbage_id, location from oss.garbage order by garbage_id limit $1',
    [limit],
  )
  return rows.map((row) => ({ garbageId: row.garbage_id, location: row.location }))
}

/** Removes what was listed. */
export async function removeGarbage(db: Queryable, garbage: readonly Garbage[]): Promise<void> {
  await db.query('delete from oss.garbage where garbage_id = any($1)', [garbage.map((one) => one.garbageId)])
}
