/**
 * Session tokens of the metadata service. A token carries its own proof, so nothing is kept per token: tokens outlive
 * the agent, and a guest that asks for millions of them costs no memory.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** Longest life a guest may ask for, in seconds. */
export const maxTokenTtlS = 21_600

export class TokenMint {
  readonly #key: Buffer

  /** `key` is secret, at least 32 bytes, the same for as long as tokens are to hold. */
  constructor(key: Buffer) {
    if (key.length < 32) throw new Error('the key of the metadata tokens is too short')
    this.#key = key
  }

  /** A token that only this instance can use, until `ttlS` seconds after `nowMs`. */
  issue(instanceId: string, ttlS: number, nowMs: number): string {
    const claims = `${(nowMs + ttlS * 1000).toString(36)}.${randomBytes(9).toString('base64url')}`
    return `${claims}.${this.#proof(claims, instanceId)}`
  }

  isValid(token: string, instanceId: string, nowMs: number): boolean {
    const parts = token.split('.')
    if (parts.length !== 3) return false
    const [expiry, nonce, proof] = parts as [string, string, string]
    const given = Buffer.from(proof)
    const expected = Buffer.from(this.#proof(`${expiry}.${nonce}`, instanceId))
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false
    return nowMs < Number.parseInt(expiry, 36)
  }

  #proof(claims: string, instanceId: string): string {
    return createHmac('sha256', this.#key).update(`${claims}.${instanceId}`).digest('base64url')
  }
}
