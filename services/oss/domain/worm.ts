/**
 * Retention of a whole bucket. A policy is `InProgress` for a day, in which it can be completed or aborted, and ends by
 * itself when it is not completed. Once `Locked` it can only be extended. While it is there, objects can be written
 * but neither overwritten nor deleted before their retention has passed since they were last written.
 */

const dayMs = 86_400_000

/** How long an uncompleted policy lasts. */
export const wormTrialMs = dayMs

/** Longest retention, in days. @see docs/sources.md#oss */
export const maxRetentionDays = 25_550

export interface Worm {
  wormId: string
  state: 'InProgress' | 'Locked'
  retentionDays: number
  /** ISO time. */
  createdAt: string
}

/** The policy as it is now; undefined when there is none or it was not completed in time. */
export function currentWorm(worm: Worm | undefined, now: Date): Worm | undefined {
  if (!worm || worm.state === 'Locked') return worm
  return now.getTime() < Date.parse(worm.createdAt) + wormTrialMs ? worm : undefined
}

/** Until when an object that was written at `modifiedAt` is kept; undefined when it is not kept at `now`. */
export function retainedUntil(worm: Worm | undefined, modifiedAt: Date, now: Date): Date | undefined {
  const current = currentWorm(worm, now)
  if (!current) return undefined
  const until = new Date(modifiedAt.getTime() + current.retentionDays * dayMs)
  return now < until ? until : undefined
}
