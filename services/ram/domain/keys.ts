import { randomBytes } from 'node:crypto'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** `LTAI` and 20 letters or digits. */
export function newAccessKeyId(): string {
  return `LTAI${randomAlphanumeric(20)}`
}

/** 30 letters or digits. */
export function newAccessKeySecret(): string {
  return randomAlphanumeric(30)
}

/** Id of a session's key: `STS.` and 26 letters or digits. */
export function newSessionKeyId(): string {
  return `STS.${randomAlphanumeric(26)}`
}

/** 44 letters or digits. */
export function newSessionKeySecret(): string {
  return randomAlphanumeric(44)
}

/** 18 decimal digits that begin with 2. */
export function newUserId(): string {
  return `2${randomDigits(17)}`
}

/** 18 decimal digits that begin with 3. */
export function newRoleId(): string {
  return `3${randomDigits(17)}`
}

function randomAlphanumeric(length: number): string {
  return randomOf(letters, length)
}

function randomDigits(length: number): string {
  return randomOf('0123456789', length)
}

function randomOf(alphabet: string, length: number): string {
  // Bytes from here on would favour the first characters.
  const unbiasedBelow = 256 - (256 % alphabet.length)
  let out = ''
  while (out.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < unbiasedBelow && out.length < length) out += alphabet[byte % alphabet.length]
    }
  }
  return out
}
