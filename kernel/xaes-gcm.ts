/**
 * XAES-256-GCM: AES-256-GCM under a key derived for each message, so that random nonces of 192 bits never run out.
 * @see https://c2sp.org/XAES-256-GCM
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const nonceBytes = 24
const tagBytes = 16

/** What sealing adds, in bytes. */
export const xaesOverheadBytes = nonceBytes + tagBytes

/** Nonce, ciphertext and tag. `key` has 32 bytes; `context` is authenticated and not kept. */
export function sealXaes(key: Buffer, plaintext: Uint8Array, context: Uint8Array, nonce?: Buffer): Buffer {
  const used = nonce ?? randomBytes(nonceBytes)
  const derived = deriveKey(key, used)
  const cipher = createCipheriv('aes-256-gcm', derived, used.subarray(12)).setAAD(context)
  const body = cipher.update(plaintext)
  cipher.final()
  derived.fill(0)
  return Buffer.concat([used, body, cipher.getAuthTag()])
}

/** Undefined when the box was altered, or sealed under another key or context. */
export function openXaes(key: Buffer, box: Buffer, context: Uint8Array): Buffer | undefined {
  if (box.length < xaesOverheadBytes) return undefined
  const nonce = box.subarray(0, nonceBytes)
  const derived = deriveKey(key, nonce)
  const decipher = createDecipheriv('aes-256-gcm', derived, nonce.subarray(12), { authTagLength: tagBytes })
  derived.fill(0)
  decipher.setAAD(context).setAuthTag(box.subarray(box.length - tagBytes))
  const plaintext = decipher.update(box.subarray(nonceBytes, box.length - tagBytes))
  try {
    decipher.final()
    return plaintext
  } catch {
    plaintext.fill(0)
    return undefined
  }
}

/** NIST SP 800-108r1 in counter mode with CMAC, for two blocks whose inputs are complete blocks. */
function deriveKey(key: Buffer, nonce: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false)
  const subkey = doubled(cipher.update(Buffer.alloc(16)))
  const blocks = Buffer.alloc(32)
  for (const counter of [1, 2]) {
    const at = (counter - 1) * 16
    blocks.set([0, counter, 0x58, 0], at)
    blocks.set(nonce.subarray(0, 12), at + 4)
    for (let index = 0; index < 16; index++) blocks[at + index]! ^= subkey[index]!
  }
  return cipher.update(blocks)
}

/** Times x in GF(2^128), as CMAC makes its first subkey. */
function doubled(block: Buffer): Buffer {
  const out = Buffer.alloc(16)
  for (let index = 0; index < 16; index++) out[index] = ((block[index]! << 1) | ((block[index + 1] ?? 0) >> 7)) & 0xff
  if (block[0]! & 0x80) out[15]! ^= 0x87
  return out
}
