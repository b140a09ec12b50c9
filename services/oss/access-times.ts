/** Notes when objects of monitored buckets were read or written, to the hour. */
import type { Log } from '@pileus/kernel/log'
import type { Store } from '@pileus/kernel/store/store'
import { createBatchWriter } from './batch-writer.ts'
import { type AccessTime, saveAccessTimes } from './tables/access-times.ts'

const hourMs = 3_600_000
const maxRemembered = 50_000

export interface AccessTimes {
  note(access: AccessTime): void
  close(): Promise<void>
}

export function createAccessTimes({ store, log }: { store: Store; log: Log }): AccessTimes {
  const times = createBatchWriter<AccessTime>({
    write: (noted) => saveAccessTimes(store.pool, noted),
    log,
    what: 'times of access',
  })
  /** Hours that are noted already. */
  const remembered = new Map<string, number>()
  return {
    note(access) {
      const name = `${access.bucketId} ${access.key}`
      const hour = Math.floor(access.at.getTime() / hourMs)
      if (remembered.get(name) === hour) return
      if (remembered.size >= maxRemembered) remembered.clear()
      remembered.set(name, hour)
      times.note(access)
    },
    close: times.close,
  }
}
