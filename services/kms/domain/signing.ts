/**
 * Signatures of digests that the caller made. Node signs messages only, so the frames that RFC 8017 puts around a
 * digest are made here, and what is left to OpenSSL is the raw RSA step; curves come from @noble/curves.
 */

import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { p256 } from '@noble/curves/nist.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { say } from '@pileus/kernel/messages/text'
import type { KeySpec } from './key-spec.ts'
import { invalid } from './parameters.ts'

export type SigningAlgorithm = 'RSA_PSS_SHA_256' | 'RSA_PKCS1_SHA_256' | 'ECDSA_SHA_256'

const hashBytes = 32
/** DigestInfo of SHA-256 up to the digest. */
const digestInfo = Buffer.from('3031300d060960864801650304020105000420', 'hex')

/** @throws InvalidParameter when a key of that spec does not sign so */
export function parseSigning(spec: KeySpec, algorithm: string): SigningAlgorithm {
  const known: readonly SigningAlgorithm[] = spec.startsWith('RSA_')
    ? ['RSA_PSS_SHA_256', 'RSA_PKCS1_SHA_256']
    : ['ECDSA_SHA_256']
  const found = known.find((one) => one === algorithm)
  if (!found) throw invalid('Algorithm', say`a key of spec ${spec} signs with ${known.join(' or ')}.`)
  return found
}

/** `secret` is PKCS #8 DER. ECDSA signatures are DER. */
export function signDigest(algorithm: SigningAlgorithm, spec: KeySpec, secret: Buffer, digest: Buffer): Buffer {
  const key = createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' })
  switch (algorithm) {
    case 'RSA_PKCS1_SHA_256':
      return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, Buffer.concat([digestInfo, digest]))
    case 'RSA_PSS_SHA_256':
      return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, frame(digest, bitsOf(key)))
    case 'ECDSA_SHA_256': {
      const scalar = Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url')
      return Buffer.from(curveOf(spec).sign(digest, scalar, { prehash: false, format: 'der', lowS: false }))
    }
  }
}

/** `publicKey` is PEM. */
export function verifyDigest(
  algorithm: SigningAlgorithm,
  spec: KeySpec,
  publicKey: string,
  digest: Buffer,
  signature: Buffer,
): boolean {
  const key = createPublicKey(publicKey)
  try {
    switch (algorithm) {
      case 'RSA_PKCS1_SHA_256': {
        const framed = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature)
        return framed.equals(Buffer.concat([digestInfo, digest]))
      }
      case 'RSA_PSS_SHA_256':
        return isFrameOf(digest, publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature), bitsOf(key))
      case 'ECDSA_SHA_256': {
        const { x = '', y = '' } = key.export({ format: 'jwk' })
        const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
        return curveOf(spec).verify(signature, digest, point, { prehash: false, format: 'der', lowS: false })
      }
    }
  } catch {
    // Whatever is not a signature at all.
    return false
  }
}

function curveOf(spec: KeySpec) {
  return spec === 'EC_P256' ? p256 : secp256k1
}

function bitsOf(key: KeyObject): number {
  return key.asymmetricKeyDetails?.modulusLength ?? 0
}

/** EMSA-PSS of RFC 8017, 9.1.1, with SHA-256 and a salt as long as the digest. */
function frame(digest: Buffer, modulusBits: number): Buffer {
  const salt = randomBytes(hashBytes)
  const hash = saltedHash(digest, salt)
  const framed = Buffer.alloc(modulusBits / 8)
  const maskAt = framed.length - hashBytes - 1
  framed[maskAt - hashBytes - 1] = 1
  framed.set(salt, maskAt - hashBytes)
  mask(framed.subarray(0, maskAt), hash)
  framed.set(hash, maskAt)
  framed[framed.length - 1] = 0xbc
  return framed
}

/** 9.1.2. */
function isFrameOf(digest: Buffer, framed: Buffer, modulusBits: number): boolean {
  if (framed.length !== modulusBits / 8 || framed[framed.length - 1] !== 0xbc || framed[0]! & 0x80) return false
  const maskAt = framed.length - hashBytes - 1
  const hash = framed.subarray(maskAt, maskAt + hashBytes)
  const block = Buffer.from(framed.subarray(0, maskAt))
  mask(block, hash)
  const saltAt = maskAt - hashBytes
  if (block.subarray(0, saltAt - 1).some((byte) => byte !== 0) || block[saltAt - 1] !== 1) return false
  return timingSafeEqual(saltedHash(digest, block.subarray(saltAt)), hash)
}

function saltedHash(digest: Buffer, salt: Buffer): Buffer {
  return createHash('sha256').update(Buffer.alloc(8)).update(digest).update(salt).digest()
}

/** Applies MGF1, and clears the highest bit, which the modulus may not have. */
function mask(block: Buffer, seed: Buffer): void {
  for (let at = 0, counter = 0; at < block.length; at += hashBytes, counter++) {
    const number = Buffer.alloc(4)
    number.writeUInt32BE(counter)
    const bytes = createHash('sha256').update(seed).update(number).digest()
    for (let index = 0; index < hashBytes && at + index < block.length; index++) block[at + index]! ^= bytes[index]!
  }
  block[0]! &= 0x7f
}
