import { isoSeconds } from '@pileus/kernel/clock'

/** `2026-02-23T12:46:24.000Z`, as XML bodies have it. */
export function xmlTime(at: Date): string {
  return isoSeconds(at).replace('Z', '.000Z')
}

/** `Mon, 23 Feb 2026 12:46:24 GMT`, as headers have it. */
export function headerTime(at: Date): string {
  return at.toUTCString()
}
