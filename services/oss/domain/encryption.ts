/** What requests and buckets say about encryption at rest. */

import type { IncomingHttpHeaders } from 'node:http'
import { say } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { isSm4Available } from '../sealed-chunks.ts'
import type { BucketSettings } from './bucket.ts'
import { header, invalid } from './headers.ts'
import type { ObjectEncryption } from './stored-object.ts'

/** What an object is to be encrypted with; `keyId` only where the customer names a key of their own. */
export interface EncryptionWish {
  algorithm: ObjectEncryption['algorithm']
  /** With KMS only. */
  dataEncryption?: ObjectEncryption['dataEncryption']
  keyId?: string | undefined
}

const algorithmHeader = 'x-oss-server-side-encryption'
const keyHeader = 'x-oss-server-side-encryption-key-id'
const dataHeader = 'x-oss-server-side-data-encryption'

/**
 * By the request's headers, else by the bucket's rule; undefined for none.
 * @throws InvalidEncryptionAlgorithmError, InvalidArgument, NotImplemented where SM4 is not available
 */
export function readEncryption(headers: IncomingHttpHeaders, settings: BucketSettings): EncryptionWish | undefined {
  const algorithm = header(headers, algorithmHeader)
  const keyId = header(headers, keyHeader)
  const data = header(headers, dataHeader)
  if (algorithm === undefined) {
    if (keyId !== undefined) throw invalid(keyHeader, keyId, say`${keyHeader} needs ${algorithmHeader}: KMS.`)
    return settings.encryption
  }
  return parseEncryption(algorithm, keyId, data)
}

/** @throws InvalidEncryptionAlgorithmError, InvalidArgument, NotImplemented */
export function parseEncryption(
  algorithm: string,
  keyId: string | undefined,
  dataEncryption: string | undefined,
): EncryptionWish {
  if (algorithm !== 'AES256' && algorithm !== 'SM4' && algorithm !== 'KMS') {
    throw objectError(errors.InvalidEncryptionAlgorithmError, {
      details: { EncryptionAlgorithm: algorithm.slice(0, 64) },
    })
  }
  const wantsSm4 = dataEncryption?.toUpperCase() === 'SM4'
  if (dataEncryption && !wantsSm4) {
    throw invalid(dataHeader, dataEncryption, say`the only other way to encrypt data is SM4.`)
  }
  const isSm4 = algorithm === 'SM4' || (algorithm === 'KMS' && wantsSm4)
  if (isSm4 && !isSm4Available) throw objectError(errors.NotImplemented, { facts: { what: say`Encryption with SM4` } })
  if (algorithm !== 'KMS') {
    // The vendor takes a way to encrypt data here too, and goes by the algorithm alone.
    if (keyId) throw invalid(keyHeader, keyId, say`a key is named with KMS only.`)
    return { algorithm }
  }
  return { algorithm, ...(keyId ? { keyId } : {}), ...(isSm4 ? { dataEncryption: 'SM4' } : {}) }
}

/**
 * Parts are encrypted as their upload is, so they and its end may not say how. They may name the key: ali-oss does.
 * @throws InvalidArgument
 */
export function refuseEncryption(headers: IncomingHttpHeaders): void {
  const name = [algorithmHeader, dataHeader].find((one) => header(headers, one) !== undefined)
  if (name === undefined) return
  throw invalid(name, header(headers, name) ?? '', say`encryption is asked for when the upload is initiated.`)
}

/** Headers of answers about an object. */
export function encryptionHeaders(encryption: ObjectEncryption | undefined): Record<string, string> {
  if (!encryption) return {}
  const { algorithm, keyId, dataEncryption } = encryption
  return {
    [algorithmHeader]: algorithm,
    ...(algorithm === 'KMS' && keyId ? { [keyHeader]: keyId } : {}),
    ...(dataEncryption ? { [dataHeader]: dataEncryption } : {}),
  }
}

/** The elements of a document about a bucket's rule. */
export function describeEncryption({ algorithm, keyId, dataEncryption }: EncryptionWish): Record<string, unknown> {
  return {
    SSEAlgorithm: algorithm,
    KMSMasterKeyID: algorithm === 'KMS' ? (keyId ?? '') : undefined,
    KMSDataEncryption: dataEncryption,
  }
}
