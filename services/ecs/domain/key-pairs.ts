/** Key pairs: their keys in the forms that the API and guests use. */
import { createHash, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { apiError } from '@pileus/kernel/errors'
import { errors } from '../errors.ts'

const generate = promisify(generateKeyPair)

/** How many key pairs an account can have in a region. */
export const maxKeyPairs = 500

/** 2 to 128 characters, a letter first. @throws InvalidKeyPairName.Malformed */
export function checkKeyPairName(name: string): void {
  const isFine = /^\p{L}[\p{L}\p{N}:_.-]{1,127}$/u.test(name) && !/^https?:/i.test(name)
  if (!isFine) throw apiError(errors['InvalidKeyPairName.Malformed'], { name })
}

export interface NewKeyPair {
  /** PKCS#1 PEM; shown to the customer once and kept nowhere. */
  privateKeyPem: string
  /** One line of OpenSSH, without a comment. */
  publicKey: string
  fingerprint: string
}

/** RSA of 2048 bits. */
export async function createKeyPair(): Promise<NewKeyPair> {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 })
  const blob = openSshBlob(publicKey)
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    publicKey: `ssh-rsa ${blob.toString('base64')}`,
    fingerprint: fingerprintOf(blob),
  }
}

/** MD5 of the OpenSSH form, 32 hexadecimal digits. */
function fingerprintOf(blob: Buffer): string {
  return createHash('md5').update(blob).digest('hex')
}

const algorithms = ['ssh-rsa', 'ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521']

/** Reads a line of OpenSSH; the comment is dropped. @throws InvalidPublicKeyBody.Malformed */
export function parsePublicKey(line: string): { publicKey: string; fingerprint: string } {
  const [algorithm = '', body = ''] = line.trim().split(/\s+/)
  const blob = /^[A-Za-z0-9+/]+={0,2}$/.test(body) ? Buffer.from(body, 'base64') : Buffer.alloc(0)
  const nameLength = blob.length > 4 ? blob.readUInt32BE(0) : 0
  const isFine =
    algorithms.includes(algorithm) && body.length < 16_384 && blob.toString('latin1', 4, 4 + nameLength) === algorithm
  if (!isFine) throw apiError(errors['InvalidPublicKeyBody.Malformed'])
  return { publicKey: `${algorithm} ${body}`, fingerprint: fingerprintOf(blob) }
}

/** RFC 4253: the algorithm, the exponent and the modulus, each with its length. */
function openSshBlob(key: KeyObject): Buffer {
  const { n = '', e = '' } = key.export({ format: 'jwk' })
  return Buffer.concat([
    sized(Buffer.from('ssh-rsa')),
    sized(positive(Buffer.from(e, 'base64url'))),
    sized(positive(Buffer.from(n, 'base64url'))),
  ])
}

function sized(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** A set first bit would mean a negative number. */
function positive(bytes: Buffer): Buffer {
  return (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes
}
