/**
 * What this process remembers of profiles. Every change wakes `residency.changed` with its commit, and all is
 * forgotten. The wake-up may arrive a little after the answer to the change, so the process that made the change
 * mistrusts its memory of that account until it surely has. Memory ages out as well, for wake-ups that got lost.
 */
import type { Store } from '@pileus/kernel/store/store'
import type { WakeListener } from '@pileus/kernel/wake'
import type { Profile } from './domain/profile.ts'
import { getSettings, listDeclarations } from './tables/profiles.ts'

/** Woken by every change to declarations, facts and policies. */
export const residencyChanged = 'residency.changed'

/** Most declarations of an account; all of them are held in memory. */
export const maxDeclarations = 1_000

const mistrustMs = 3_000
const maxAgeMs = 30_000
const maxRemembered = 100_000

export interface Profiles {
  /** Answers at once when it is remembered. */
  get(accountId: string): Profile | Promise<Profile>
  /** To be called in the changing transaction, after its last statement. */
  mistrust(accountId: string): void
  close(): void
}

/** `nowMs` is monotonic time; tests give their own. */
export function rememberProfiles(
  store: Store,
  wakes: Pick<WakeListener, 'on'>,
  nowMs: () => number = () => performance.now(),
): Profiles {
  const remembered = new Map<string, { profile: Profile; readAtMs: number }>()
  const mistrustedUntilMs = new Map<string, number>()
  let generation = 0
  const stop = wakes.on(residencyChanged, () => {
    generation += 1
    remembered.clear()
  })
  const isTrusted = (accountId: string, readAtMs: number): boolean => {
    if (mistrustedUntilMs.size === 0) return true
    const untilMs = mistrustedUntilMs.get(accountId)
    if (untilMs === undefined) return true
    if (untilMs + maxAgeMs < nowMs()) mistrustedUntilMs.delete(accountId)
    return readAtMs >= untilMs
  }
  const load = async (accountId: string): Promise<Profile> => {
    const before = generation
    const readAtMs = nowMs()
    const [settings, rows] = await Promise.all([
      getSettings(store.db, accountId),
      listDeclarations(store.db, accountId, { limit: maxDeclarations }),
    ])
    const declarations = rows.map((row) => ({
      resourceArn: row.resource_arn,
      dataClass: row.data_class,
      origin: row.origin,
    }))
    const profile = { accountId, declarations, ...settings }
    // A change may have been committed while the old state was being read.
    if (generation === before && isTrusted(accountId, readAtMs)) {
      if (remembered.size >= maxRemembered) remembered.clear()
      remembered.set(accountId, { profile, readAtMs })
    }
    return profile
  }
  return {
    get(accountId) {
      const known = remembered.get(accountId)
      if (known && known.readAtMs + maxAgeMs >= nowMs() && isTrusted(accountId, known.readAtMs)) return known.profile
      return load(accountId)
    },
    mistrust(accountId) {
      mistrustedUntilMs.set(accountId, nowMs() + mistrustMs)
    },
    close: stop,
  }
}
