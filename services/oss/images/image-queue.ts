/**
 * Lets few images be worked on at once, because each takes a core, a thread that file operations need too, and the
 * memory of its pixels. Others wait in a short line, in which no account has more than half of the places.
 */
import { availableParallelism } from 'node:os'
import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'

const defaultSlots = Math.max(1, Math.min(2, availableParallelism() - 1))

interface Waiting {
  accountId: string
  slots: number
  start: () => void
}

export interface ImageQueue {
  /**
   * Runs `work` when its turn comes, and alone when `isLarge`.
   * @throws ServiceUnavailable when the line is full, or the reason of `signal` when it is aborted while waiting
   */
  run<T>(job: { accountId: string; isLarge: boolean; signal: AbortSignal }, work: () => Promise<T>): Promise<T>
}

export function createImageQueue(slots = defaultSlots, places = 32): ImageQueue {
  const line: Waiting[] = []
  let free = slots
  const startNext = (): void => {
    while (line[0] && line[0].slots <= free) {
      const next = line.shift()!
      free -= next.slots
      next.start()
    }
  }
  return {
    async run({ accountId, isLarge, signal }, work) {
      const own = isLarge ? slots : 1
      const isBusy = line.length > 0 || own > free
      if (isBusy) {
        const isFull = line.length >= places || line.filter((one) => one.accountId === accountId).length >= places / 2
        if (isFull) throw objectError(errors.ServiceUnavailable, { headers: { 'retry-after': '1' } })
      }
      await new Promise<void>((start, reject) => {
        const waiting: Waiting = {
          accountId,
          slots: own,
          start: () => {
            signal.removeEventListener('abort', giveUp)
            start()
          },
        }
        const giveUp = (): void => {
          line.splice(line.indexOf(waiting), 1)
          reject(signal.reason)
          startNext()
        }
        signal.addEventListener('abort', giveUp, { once: true })
        line.push(waiting)
        startNext()
      })
      try {
        return await work()
      } finally {
        free += own
        startNext()
      }
    },
  }
}
