import type pg from 'pg'
import type { NewEntry } from './domain/event.ts'
import { insertBatch } from './tables/inbox.ts'

interface Waiting {
  entry: NewEntry
  onDisk: boolean
  settle: () => void
  fail: (error: unknown) => void
}

/** Most entries of one statement. */
const batchSize = 512

/** Writes entries of many calls together: while one batch is on its way, later ones gather. */
export function createGroupCommit(pool: pg.Pool) {
  // What must reach the disk goes apart from what need not, so that reads never wait for it.
  const queues = { disk: createQueue(pool, true), memory: createQueue(pool, false) }
  return {
    /** Resolves once the entry is in the database, and on its disk when asked. */
    append(entry: NewEntry, onDisk: boolean): Promise<void> {
      return new Promise((settle, fail) => {
        queues[onDisk ? 'disk' : 'memory'].push({ entry, onDisk, settle, fail })
      })
    },
  }
}

function createQueue(pool: pg.Pool, onDisk: boolean) {
  let waiting: Waiting[] = []
  let inFlight = 0
  const flush = (): void => {
    // Two statements in flight keep the database busy while this process encodes the next.
    if (waiting.length === 0 || inFlight >= 2) return
    const batch = waiting.slice(0, batchSize)
    waiting = waiting.slice(batchSize)
    inFlight += 1
    insertBatch(
      pool,
      batch.map((one) => one.entry),
      onDisk,
    )
      .then(
        () => {
          for (const one of batch) one.settle()
        },
        (error) => {
          for (const one of batch) one.fail(error)
        },
      )
      .finally(() => {
        inFlight -= 1
        flush()
      })
  }
  return {
    push(one: Waiting): void {
      waiting.push(one)
      if (waiting.length === 1) setImmediate(flush)
    },
  }
}
