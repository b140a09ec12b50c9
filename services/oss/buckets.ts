/**
 * Buckets by name, remembered. A change wakes `oss.buckets` with its commit and every process forgets all buckets.
 * The process that makes a change forgets at once, and mistrusts what it reads until the wake-up has surely arrived
 * everywhere. Memory ages out, for wake-ups that got lost with their connection. What must not be wrong at all
 * (existence, versioning) is read again under a lock by each write.
 */
import type { Store } from '@pileus/kernel/store/store'
import { type WakeListener, wakeChannel } from '@pileus/kernel/wake'
import type { Bucket } from './domain/bucket.ts'
import { findBucket, type Queryable } from './tables/buckets.ts'

/** Woken by every change to a bucket's row. */
export const bucketsChanged = 'oss.buckets'

const maxAgeMs = 30_000
const maxEntries = 50_000

export interface Buckets {
  /** What is known at once, else a promise. */
  find(name: string): Bucket | undefined | Promise<Bucket | undefined>
  /** Runs `body` in a transaction that changes buckets, and makes all processes forget them. */
  change<T>(name: string, body: (db: Queryable) => Promise<T>): Promise<T>
  /** As `change`, for what concerns many. */
  changeAll<T>(body: (db: Queryable) => Promise<T>): Promise<T>
  close(): void
}

export function rememberBuckets(store: Store, wakes: Pick<WakeListener, 'on'>): Buckets {
  const known = new Map<string, { bucket: Bucket; readAtMs: number }>()
  let generation = 0
  const forget = (name?: string): void => {
    generation += 1
    if (name === undefined) known.clear()
    else known.delete(name)
  }
  const stop = wakes.on(bucketsChanged, () => forget())

  const load = async (name: string): Promise<Bucket | undefined> => {
    const before = generation
    const readAtMs = performance.now()
    const bucket = await findBucket(store.pool, name)
    // A change may have been committed while the old state was being read.
    if (bucket && generation === before) {
      if (known.size >= maxEntries) known.clear()
      known.set(name, { bucket, readAtMs })
    }
    return bucket
  }

  const change = async <T>(name: string | undefined, body: (db: Queryable) => Promise<T>): Promise<T> => {
    const client = await store.pool.connect()
    let failure: Error | undefined
    try {
      await client.query('begin')
      const result = await body(client)
      await client.query('select pg_notify($1, $2)', [wakeChannel, bucketsChanged])
      await client.query('commit')
      return result
    } catch (error) {
      failure = error as Error
      await client.query('rollback').catch(() => {})
      throw error
    } finally {
      forget(name)
      client.release(failure && 'code' in failure && String(failure.code).startsWith('08'))
    }
  }

  return {
    find(name) {
      const entry = known.get(name)
      if (entry && entry.readAtMs + maxAgeMs > performance.now()) return entry.bucket
      return load(name)
    },
    change,
    changeAll: (body) => change(undefined, body),
    close: stop,
  }
}
