import type { Store } from '@pileus/kernel/store/store'
import type { Queryable } from './tables/buckets.ts'

/** Most tries of a transaction that the database ended for a deadlock, such as two copies across each other. */
const maxTries = 4

/**
 * Runs `body` in one transaction on a connection of its own; a thrown error rolls back. It may run several times, so
 * it must change nothing but the database.
 */
export async function inTransaction<T>(store: Pick<Store, 'pool'>, body: (db: Queryable) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(store, body)
    } catch (error) {
      if ((error as { code?: unknown }).code !== '40P01' || attempt === maxTries) throw error
    }
  }
}

async function runOnce<T>({ pool }: Pick<Store, 'pool'>, body: (db: Queryable) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let isBroken = false
  try {
    await client.query('begin')
    const result = await body(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => {
      isBroken = true
    })
    throw error
  } finally {
    client.release(isBroken)
  }
}
