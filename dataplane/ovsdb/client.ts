/**
 * A connection to one OVSDB database that heals itself. It keeps the replica current through reconnects: the server is
 * asked only for what changed since the last transaction seen, and for a whole copy where it no longer knows.
 *
 * Nothing is retried here: a transaction whose answer was lost may have happened. Callers compare again and write what
 * is still missing.
 */
import { JsonRpcConnection, JsonRpcLostError } from './json-rpc.ts'
import type { Operation } from './operations.ts'
import type { Replica } from './replica.ts'
import type { DatabaseShape } from './schema.ts'

const firstBackoffMs = 20
const longestBackoffMs = 2000

export interface OvsdbClientOptions<D extends DatabaseShape> {
  /** `unix:<path>` or `tcp:<host>:<port>`. */
  address: string
  /** Such as `OVN_Northbound`. */
  database: string
  replica: Replica<D>
  /** Silence after which the server is probed; default 15 s. */
  probeIntervalMs?: number
}

/** The server took the transaction apart: `error` is its code, such as `constraint violation`; nothing was written. */
export class OvsdbTransactionError extends Error {
  readonly error: string
  constructor(doing: string, error: string, details: string) {
    super(`${doing}: ${error}${details && `: ${details}`}`)
    this.name = 'OvsdbTransactionError'
    this.error = error
  }
}

/** The database cannot be reached, or the connection ended before its answer. */
export class OvsdbUnavailableError extends Error {
  constructor(doing: string, options?: ErrorOptions) {
    super(`${doing}: database not reachable`, options)
    this.name = 'OvsdbUnavailableError'
  }
}

/** Result of one operation of a transaction. */
export interface OperationResult {
  /** Of the row an `insert` made. */
  uuid?: string
  /** How many rows an `update`, `mutate` or `delete` matched. */
  count?: number
}

export class OvsdbClient<D extends DatabaseShape> {
  readonly replica: Replica<D>
  readonly #options: OvsdbClientOptions<D>
  readonly #monitorId = ['pileus']
  #connection: JsonRpcConnection | undefined
  #lastTransactionId = '00000000-0000-0000-0000-000000000000'
  #closed = false
  #failure: Error | undefined
  #backoffMs = firstBackoffMs
  #retry: NodeJS.Timeout | undefined
  #waiting: (() => void)[] = []

  constructor(options: OvsdbClientOptions<D>) {
    this.#options = options
    this.replica = options.replica
    void this.#connect()
  }

  /** Whether the replica is being kept current now. */
  get connected(): boolean {
    return this.#connection !== undefined
  }

  /**
   * Waits until the replica is current.
   * @throws OvsdbUnavailableError when that takes longer than `timeoutMs`
   */
  async ready(timeoutMs = 10_000): Promise<void> {
    const deadline = Date.now() + timeoutMs
    while (!this.#connection) {
      const leftMs = deadline - Date.now()
      if (this.#closed || leftMs <= 0) {
        throw new OvsdbUnavailableError(`connecting to ${this.#options.database}`, { cause: this.#failure })
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs)
        this.#waiting.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }

  /**
   * Runs operations as one transaction, all or nothing. The replica holds its outcome when this returns.
   * @param doing what it is for, to begin the message of an error
   * @throws OvsdbTransactionError when the server refuses, OvsdbUnavailableError when the outcome is not known
   */
  async transact(doing: string, operations: Operation[], timeoutMs = 60_000): Promise<OperationResult[]> {
    await this.ready(Math.min(timeoutMs, 10_000))
    const connection = this.#connection
    if (!connection) throw new OvsdbUnavailableError(doing, { cause: this.#failure })
    let results: unknown
    try {
      results = await connection.call('transact', [this.#options.database, ...operations], timeoutMs)
    } catch (error) {
      if (error instanceof JsonRpcLostError) throw new OvsdbUnavailableError(doing, { cause: error })
      throw new Error(doing, { cause: error })
    }
    return readResults(doing, results, operations.length)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#retry)
    this.#connection?.close()
    this.#connection = undefined
    this.#wakeWaiting()
  }

  async #connect(): Promise<void> {
    const { address, database } = this.#options
    let connection: JsonRpcConnection | undefined
    try {
      connection = await JsonRpcConnection.open(address, {
        probeIntervalMs: this.#options.probeIntervalMs ?? 15_000,
        onNotification: (method, params) => this.#notified(method, params),
        onClose: (error) => this.#lost(error),
      })
      const answer = await connection.call(
        'monitor_cond_since',
        [database, this.#monitorId, this.#monitorRequests(), this.#lastTransactionId],
        60_000,
      )
      if (this.#closed) return connection.close()
      const [found, lastTransactionId, updates] = answer as [boolean, string, never]
      if (!found) this.replica.clear()
      this.#lastTransactionId = lastTransactionId
      this.#connection = connection
      this.#backoffMs = firstBackoffMs
      this.replica.take(updates)
      this.#wakeWaiting()
    } catch (error) {
      this.#failure = error as Error
      // Closing an open connection reports its loss, which plans the next attempt; so does this where none was open.
      if (connection) connection.close()
      else this.#retryLater()
    }
  }

  #monitorRequests(): Record<string, unknown> {
    const requests: Record<string, unknown> = {}
    for (const [table, shape] of Object.entries(this.replica.shape)) requests[table] = [{ columns: Object.keys(shape) }]
    return requests
  }

  #notified(method: string, params: unknown[]): void {
    if (method !== 'update3') return
    const [, lastTransactionId, updates] = params as [unknown, string, never]
    this.#lastTransactionId = lastTransactionId
    this.replica.take(updates)
  }

  #lost(error: Error): void {
    this.#failure = error
    this.#connection = undefined
    this.#retryLater()
  }

  #retryLater(): void {
    if (this.#closed) return
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => void this.#connect(), this.#backoffMs * (0.5 + Math.random()))
    this.#backoffMs = Math.min(this.#backoffMs * 2, longestBackoffMs)
  }

  #wakeWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }
}

function readResults(doing: string, results: unknown, count: number): OperationResult[] {
  const list = Array.isArray(results) ? results : []
  // A failed operation ends the list; an error of the commit itself comes one past the last operation.
  for (const result of list) {
    if (result && typeof result.error === 'string') {
      throw new OvsdbTransactionError(doing, result.error, String(result.details ?? ''))
    }
  }
  if (list.length < count) throw new Error(`${doing}: ${list.length} results for ${count} operations`)
  return list.slice(0, count).map((result) => {
    const read: OperationResult = {}
    if (Array.isArray(result?.uuid)) read.uuid = String(result.uuid[1])
    if (typeof result?.count === 'number') read.count = result.count
    return read
  })
}
