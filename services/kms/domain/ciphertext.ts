/**
 * What Encrypt answers, and how data keys and secret values are kept: the format version (1), the ids of the key and
 * of its version, 16 bytes each, and the box of XAES-256-GCM. The ids are authenticated, and so is the encryption
 * context.
 */

import { apiError } from '@pileus/kernel/errors'
import { say, type Text } from '@pileus/kernel/messages/text'
import { openXaes, sealXaes, xaesOverheadBytes } from '@pileus/kernel/xaes-gcm'
import { kmsErrors } from '../errors.ts'

const format = 1
const headerBytes = 33

export type EncryptionContext = Readonly<Record<string, string>>

export interface CiphertextHeader {
  keyId: string
  versionId: string
}

export function sealCiphertext(
  { keyId, versionId }: CiphertextHeader,
  material: Buffer,
  plaintext: Uint8Array,
  context: EncryptionContext,
): Buffer {
  const header = Buffer.concat([Buffer.from([format]), bytesOf(keyId), bytesOf(versionId)])
  return Buffer.concat([header, sealXaes(material, plaintext, authenticated(header, context))])
}

/** @throws InvalidParameter when it was altered, or the context differs */
export function openCiphertext(material: Buffer, ciphertext: Buffer, context: EncryptionContext): Buffer {
  const header = ciphertext.subarray(0, headerBytes)
  const plaintext = openXaes(material, ciphertext.subarray(headerBytes), authenticated(header, context))
  if (!plaintext) throw notOurs(say`it was altered, or EncryptionContext is not what it was encrypted with.`)
  return plaintext
}

/** Which key is needed. Nothing is proven by it until the ciphertext is opened. @throws InvalidParameter */
export function readCiphertextHeader(ciphertext: Buffer): CiphertextHeader {
  if (ciphertext.length < headerBytes + xaesOverheadBytes || ciphertext[0] !== format) {
    throw notOurs(say`it is no ciphertext of this KMS.`)
  }
  return { keyId: uuidOf(ciphertext.subarray(1, 17)), versionId: uuidOf(ciphertext.subarray(17, 33)) }
}

/** The header of a request's ciphertext, without failing: `*` when it is none. */
export function keyOfCiphertext(base64: string): string {
  try {
    return readCiphertextHeader(Buffer.from(base64, 'base64')).keyId
  } catch {
    return '*'
  }
}

/** Keys in order of their UTF-8 bytes, so that the order a client wrote them in does not matter. */
function authenticated(header: Buffer, context: EncryptionContext): Buffer {
  const entries = Object.entries(context).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return Buffer.concat([header, Buffer.from(JSON.stringify(entries))])
}

function bytesOf(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex')
}

function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function notOurs(reason: Text) {
  return apiError(kmsErrors.InvalidParameter, { parameter: 'CiphertextBlob', reason })
}
