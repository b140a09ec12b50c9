import { randomBytes, randomUUID } from 'node:crypto'

/** A string that was parsed once and is trusted afterwards. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name }

/** Tenant: 16-digit uid. */
export type AccountId = Brand<string, 'AccountId'>

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz'
// 252 is the largest multiple of 36 that fits a byte; larger bytes would favour the first characters.
const unbiasedBelow = 252

/** `length` random characters of `0-9a-z`. */
export function randomLowerAlphanumeric(length: number): string {
  let out = ''
  while (out.length < length) {
    for (const byte of randomBytes(length * 2)) {
      if (byte < unbiasedBelow && out.length < length) out += alphabet[byte % 36]
    }
  }
  return out
}

/** Resource id as customers see it: a prefix and 20 lower-case letters or digits, such as `i-…` or `vpc-…`. */
export function newResourceId(prefix: string): string {
  return `${prefix}-${randomLowerAlphanumeric(20)}`
}

/** 16 decimal digits, the first not 0. */
export function newAccountId(): AccountId {
  const digits = randomBytes(16).map((byte) => byte % 10)
  return `1${[...digits].slice(1).join('')}` as AccountId
}

/** Upper-case UUID, as the vendor writes request ids. */
export function newRequestId(): string {
  return randomUUID().toUpperCase()
}
