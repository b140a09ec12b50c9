/** Gathers items in memory for a moment and writes many at a time, so that whoever notes one pays next to nothing. */
import type { Log } from '@pileus/kernel/log'

export interface BatchWriter<Item> {
  note(item: Item): void
  /** Writes what is noted. */
  flush(): Promise<void>
  close(): Promise<void>
}

interface Parts<Item> {
  write(items: readonly Item[]): Promise<void>
  log: Log
  /** What the items are, for the log. */
  what: string
}

const flushAfterMs = 1_000
const flushAtItems = 500
/** Items beyond this are dropped rather than kept in memory, when the database does not take them. */
const maxItems = 50_000

export function createBatchWriter<Item>({ write, log, what }: Parts<Item>): BatchWriter<Item> {
  let noted: Item[] = []
  let dropped = 0
  let writing: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined

  const writeNoted = async (): Promise<void> => {
    const items = noted
    noted = []
    if (items.length === 0) return
    try {
      await write(items)
      if (dropped > 0) log.error({ dropped, what }, 'some were lost while the database took none')
      dropped = 0
    } catch (error) {
      log.warn({ err: error, what }, 'they could not be written; trying again')
      noted = [...items, ...noted]
      schedule()
    }
  }
  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    writing = writing.then(writeNoted)
    return writing
  }
  const schedule = (): void => {
    timer ??= setTimeout(() => void flush(), flushAfterMs).unref()
  }
  return {
    note(item) {
      if (noted.length >= maxItems) {
        dropped += 1
        return
      }
      noted.push(item)
      if (noted.length === flushAtItems) void flush()
      else schedule()
    },
    flush,
    async close() {
      await flush()
      clearTimeout(timer)
    },
  }
}
