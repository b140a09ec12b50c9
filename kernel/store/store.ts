import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { effect } from '../effects.ts'
import type { Log } from '../log.ts'

/**
 * A connection to the cell's PostgreSQL, or a transaction on it: functions in `tables/` take either first.
 * Typed by `tablesOf`, since each product knows its own tables only.
 */
export type Db = Kysely<unknown>

/** Views `db` with the tables of one product. */
export function tablesOf<Tables>(db: Db): Kysely<Tables> {
  return db as unknown as Kysely<Tables>
}

export interface Store {
  readonly db: Db
  /** The driver's pool, for prepared statements on hot paths and for LISTEN. */
  readonly pool: pg.Pool
  /** Runs `body` in one READ COMMITTED transaction; a thrown error rolls back. */
  transaction<T>(body: (tx: Db) => Promise<T>): Promise<T>
  /** As `transaction`, but always rolls back; for dry runs. */
  rehearse<T>(body: (tx: Db) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface StoreOptions {
  connection: pg.PoolConfig
  /** Most connections at once. */
  maxConnections: number
  log: Log
}

// int8 and numeric come back as strings by default; our int8 columns all stay below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => Number(text))

class Rehearsed<T> {
  readonly result: T
  constructor(result: T) {
    this.result = result
  }
}

export function openStore(options: StoreOptions): Store {
  const pool = new pg.Pool({
    max: options.maxConnections,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 15_000,
    ...options.connection,
  })
  pool.on('error', (error) => options.log.warn({ err: error }, 'an idle database connection failed'))
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  return {
    db,
    pool,
    transaction: (body) => effect('database.commit', () => db.transaction().execute(body)),
    async rehearse(body) {
      try {
        await db.transaction().execute(async (tx) => {
          throw new Rehearsed(await body(tx))
        })
      } catch (thrown) {
        if (thrown instanceof Rehearsed) return thrown.result
        throw thrown
      }
      throw new Error('a rehearsal committed')
    },
    close: () => db.destroy(),
  }
}

/** Takes a transaction-scoped advisory lock named by a string. */
export async function lockNamed(tx: Db, name: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(tx)
}
