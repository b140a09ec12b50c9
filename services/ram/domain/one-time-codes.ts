/** Codes of virtual MFA devices: TOTP of RFC 6238 with SHA-1, six digits, a new one every 30 seconds. */
import { timingSafeEqual } from 'node:crypto'
import { generateSecret, generateSync } from 'otplib'

const stepSeconds = 30
/** Clocks of devices may be so many steps off. */
const maxDrift = 1

/** 160 random bits in Base32. */
export function newSeed(): string {
  return generateSecret({ length: 20 })
}

/** The code of a time step, counted from the epoch. */
export function codeAt(seed: string, step: number): string {
  return generateSync({ secret: seed, epoch: step * stepSeconds })
}

/**
 * The step of the last of consecutive codes, near `at` and after `afterStep`; undefined when they are not the
 * device's.
 */
export function findStep(seed: string, codes: readonly string[], at: Date, afterStep = -1): number | undefined {
  const now = Math.floor(at.getTime() / 1_000 / stepSeconds)
  // The first of several codes was read before the last.
  for (let last = now - maxDrift; last <= now + maxDrift; last++) {
    const first = last - codes.length + 1
    if (first > afterStep && codes.every((code, index) => isSame(code, codeAt(seed, first + index)))) return last
  }
  return undefined
}

function isSame(given: string, expected: string): boolean {
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected))
}
