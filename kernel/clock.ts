/** Where all code takes time from, so that tests can move it. Times are UTC. */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  #nowMs: number
  constructor(start: Date) {
    this.#nowMs = start.getTime()
  }
  now(): Date {
    return new Date(this.#nowMs)
  }
  advance(ms: number): void {
    this.#nowMs += ms
  }
}

/** `2026-02-23T12:46:24Z`, the form of request timestamps and most answers. */
export function isoSeconds(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`
}

/** `2026-02-23T12:46Z`, the form of ECS creation times. */
export function isoMinutes(at: Date): string {
  return `${at.toISOString().slice(0, 16)}Z`
}
