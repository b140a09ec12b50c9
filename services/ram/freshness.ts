/**
 * When what this process remembers of identities and policies may be used.
 *
 * Every change wakes `ram.changed` with its commit; each process then forgets all. The wake-up may arrive a little
 * after the answer to the change, so the process that made the change also mistrusts its memory of that account from
 * just before the commit until the wake-up has surely arrived. Memory ages out as well, for wake-ups that got lost
 * with their connection.
 */
import type { WakeListener } from '@pileus/kernel/wake'

/** Woken by every change to accounts, identities, keys, policies and attachments. */
export const ramChanged = 'ram.changed'

const mistrustMs = 3_000
const maxAgeMs = 30_000
const maxEntries = 100_000

export interface Freshness {
  /** To be called in the changing transaction, after its last statement. */
  mistrust(accountId: string): void
  /** A memory that forgets on changes. */
  remember<Value extends { accountId: string }>(load: (key: string) => Promise<Value | undefined>): Memory<Value>
  close(): void
}

export interface Memory<Value> {
  /** What is known and may be used. */
  recall(key: string): Value | undefined
  load(key: string): Promise<Value | undefined>
}

/** `nowMs` is monotonic time; tests give their own. */
export function watchFreshness(
  wakes: Pick<WakeListener, 'on'>,
  nowMs: () => number = () => performance.now(),
): Freshness {
  const mistrustedUntilMs = new Map<string, number>()
  const memories: Map<string, unknown>[] = []
  let generation = 0
  const stop = wakes.on(ramChanged, () => {
    generation += 1
    for (const memory of memories) memory.clear()
  })

  /** Whether what was read at `readAtMs` may be used: not when a change of the account was under way since. */
  const isUsable = (accountId: string, readAtMs: number): boolean => {
    if (mistrustedUntilMs.size === 0) return true
    const untilMs = mistrustedUntilMs.get(accountId)
    if (untilMs === undefined) return true
    if (untilMs + maxAgeMs < nowMs()) mistrustedUntilMs.delete(accountId)
    return readAtMs >= untilMs
  }

  return {
    mistrust(accountId) {
      mistrustedUntilMs.set(accountId, nowMs() + mistrustMs)
    },
    remember<Value extends { accountId: string }>(load: (key: string) => Promise<Value | undefined>) {
      const known = new Map<string, { value: Value; readAtMs: number }>()
      memories.push(known)
      return {
        recall(key) {
          const entry = known.get(key)
          if (entry === undefined || entry.readAtMs + maxAgeMs < nowMs()) return undefined
          return isUsable(entry.value.accountId, entry.readAtMs) ? entry.value : undefined
        },
        async load(key) {
          const before = generation
          const readAtMs = nowMs()
          const value = await load(key)
          // A change may have been committed while the old state was being read.
          if (value !== undefined && generation === before && isUsable(value.accountId, readAtMs)) {
            if (known.size >= maxEntries) known.clear()
            known.set(key, { value, readAtMs })
          }
          return value
        },
      }
    },
    close: stop,
  }
}
