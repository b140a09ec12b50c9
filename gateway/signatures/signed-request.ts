import { timingSafeEqual } from 'node:crypto'

/** What each signature scheme extracts from a request before the key's secret is known. */
export interface SignedRequest {
  accessKeyId: string
  securityToken: string | undefined
  nonce: string
  /** When the client says it signed. */
  timestamp: string
  signedAt: Date
  /** As shown to the client when signatures differ, so that it can compare with its own. */
  stringToSign: string
  /** Whether the signature is the one that `secret` makes; compares in constant time. */
  matches(secret: string): boolean
}

/** Compares two signatures as text, in a time that tells nothing about where they differ. */
export function isSameSignature(given: string, expected: string): boolean {
  const sent = Buffer.from(given)
  const own = Buffer.from(expected)
  return sent.length === own.length && timingSafeEqual(sent, own)
}
