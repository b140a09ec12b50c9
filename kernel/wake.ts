import { sql } from 'kysely'
import type pg from 'pg'
import type { Log } from './log.ts'
import type { Db } from './store/store.ts'

/** What reconcilers wake on, such as `vpc.network`. It says that something changed, never what. */
export type Topic = string

/** The NOTIFY channel; the payload is the topic. For transactions that do not go through `wake`. */
export const wakeChannel = 'pileus_wake'

/** Asks every process of the cell to look at `topic` once the transaction has committed. */
export async function wake(db: Db, topic: Topic): Promise<void> {
  await sql`select pg_notify(${wakeChannel}, ${topic})`.execute(db)
}

export interface WakeListener {
  /** Calls `listener` after each wake-up of `topic`; returns how to stop. */
  on(topic: Topic, listener: () => void): () => void
  close(): Promise<void>
}

/**
 * Listens for wake-ups on one connection of `pool`. A lost connection is opened again, and then every listener is
 * called, because wake-ups may have been missed.
 */
export async function listenForWakes(pool: pg.Pool, log: Log): Promise<WakeListener> {
  const listeners = new Map<Topic, Set<() => void>>()
  let client: pg.PoolClient | undefined
  let closed = false

  const connect = async (): Promise<void> => {
    const fresh = await pool.connect()
    fresh.on('notification', (message) => {
      for (const listener of listeners.get(message.payload ?? '') ?? []) listener()
    })
    // Before it listens, the failed query tells of errors.
    fresh.on('error', (error) => {
      if (client !== fresh || closed) return
      log.warn({ err: error }, 'the wake-up connection failed; opening another')
      client = undefined
      fresh.release(true)
      reconnect()
    })
    try {
      await fresh.query(`listen ${wakeChannel}`)
    } catch (error) {
      fresh.release(true)
      throw error
    }
    // A connection that nobody gives back would keep the pool from ending.
    if (closed) fresh.release(true)
    else client = fresh
  }
  const reconnect = (): void => {
    if (closed) return
    connect().then(
      () => {
        for (const set of listeners.values()) for (const listener of set) listener()
      },
      () => setTimeout(reconnect, 500).unref(),
    )
  }

  await connect()
  return {
    on(topic, listener) {
      const set = listeners.get(topic) ?? new Set()
      set.add(listener)
      listeners.set(topic, set)
      return () => set.delete(listener)
    },
    async close() {
      closed = true
      client?.release(true)
    },
  }
}
