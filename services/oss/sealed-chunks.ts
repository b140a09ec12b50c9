/**
 * The ciphers of chunks at rest. `AES256` is AES-256-GCM with the chunk's number and whether it is the last for a nonce.
 * OpenSSL has had no SM4-GCM for long, so `SM4` is SM4-CTR, and then HMAC-SM3 of the counter block, that mark and the
 * ciphertext, cut to the 16 bytes that the tag of GCM has: encrypt-then-MAC with two keys. Both ask for one key per
 * stream, in which no chunk's number comes twice.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  getCiphers,
  getHashes,
  hkdfSync,
  timingSafeEqual,
} from 'node:crypto'
import type { ObjectEncryption } from './domain/stored-object.ts'

export const tagBytes = 16

export type ChunkCipher = 'AES256' | 'SM4'

/** Some builds of OpenSSL leave SM4 and SM3 out. */
export const isSm4Available = getCiphers().includes('sm4-ctr') && getHashes().includes('sm3')

/** What the bytes of an object are encrypted with. */
export function cipherOf({ algorithm, dataEncryption }: ObjectEncryption): ChunkCipher {
  return algorithm === 'SM4' || dataEncryption === 'SM4' ? 'SM4' : 'AES256'
}

interface ChunkSealer {
  /** The key of a stream, to be filled with zeros after use. */
  deriveKey(dataKey: Buffer, salt: Buffer): Buffer
  /** The ciphertext and `tagBytes` of tag. */
  sealChunk(key: Buffer, index: number, isLast: boolean, chunk: Buffer): Buffer
  /** Undefined when it is not what was sealed in that place. */
  openChunk(key: Buffer, index: number, isLast: boolean, sealed: Buffer): Buffer | undefined
}

export const chunkCiphers: Readonly<Record<ChunkCipher, ChunkSealer>> = {
  AES256: {
    deriveKey: (dataKey, salt) => Buffer.from(hkdfSync('sha256', dataKey, salt, 'pileus object bytes 1', 32)),
    sealChunk(key, index, isLast, chunk) {
      const cipher = createCipheriv('aes-256-gcm', key, nonceOf(index, isLast))
      const body = cipher.update(chunk)
      cipher.final()
      return Buffer.concat([body, cipher.getAuthTag()])
    },
    openChunk(key, index, isLast, sealed) {
      const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(index, isLast), { authTagLength: tagBytes })
      decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes))
      const chunk = decipher.update(sealed.subarray(0, sealed.length - tagBytes))
      try {
        decipher.final()
        return chunk
      } catch {
        return undefined
      }
    },
  },
  SM4: {
    deriveKey: (dataKey, salt) =>
      Buffer.from(hkdfSync('sha256', dataKey, salt, 'pileus object bytes sm4 1', sm4KeyBytes + macKeyBytes)),
    sealChunk(key, index, isLast, chunk) {
      const counter = counterOf(index)
      const body = createCipheriv('sm4-ctr', key.subarray(0, sm4KeyBytes), counter).update(chunk)
      return Buffer.concat([body, macOf(key, counter, isLast, body)])
    },
    openChunk(key, index, isLast, sealed) {
      const counter = counterOf(index)
      const body = sealed.subarray(0, sealed.length - tagBytes)
      if (!timingSafeEqual(macOf(key, counter, isLast, body), sealed.subarray(body.length))) return undefined
      return createDecipheriv('sm4-ctr', key.subarray(0, sm4KeyBytes), counter).update(body)
    },
  },
}

const sm4KeyBytes = 16
const macKeyBytes = 32

function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUIntBE(index, 5, 6)
  nonce[11] = isLast ? 1 : 0
  return nonce
}

/** The first counter block of a chunk. Its lower half counts the chunk's blocks. */
function counterOf(index: number): Buffer {
  const counter = Buffer.alloc(16)
  counter.writeUIntBE(index, 2, 6)
  return counter
}

function macOf(key: Buffer, counter: Buffer, isLast: boolean, body: Buffer): Buffer {
  const mac = createHmac('sm3', key.subarray(sm4KeyBytes)).update(counter)
  return mac
    .update(Buffer.of(isLast ? 1 : 0))
    .update(body)
    .digest()
    .subarray(0, tagBytes)
}
