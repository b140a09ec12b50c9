/** What requests and buckets say about encryption at rest. */

import type { IncomingHttpHeaders } from 'node:http'
import { say } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import type { BucketSettings } from './bucket.ts'
import { header, invalid } from './headers.ts'
import type { ObjectEncryption } from './stored-object.ts'

/** What an object is to be encrypted with; `keyId` only where the customer names a key of their own. */
export interface EncryptionWish {
  algorithm: ObjectEncryption['algorithm']
  keyId?: string | undefined
}

const algorithmHeader = 'x-oss-server-side-encryption'
const keyHeader = 'x-oss-server-side-encryption-key-id'
const dataHeader = 'x-oss-server-side-data-encryption'

/**
 * By the request's headers, else by the bucket's rule; undefined for none.
 * @throws InvalidEncryptionAlgorithmError, InvalidArgument, NotImplemented for SM4
 */
export function readEncryption(headers: IncomingHttpHeaders, settings: BucketSettings): EncryptionWish | undefined {
  const algorithm = header(headers, algorithmHeader)
  const keyId = header(headers, keyHeader)
  const data = header(headers, dataHeader)
  if (algorithm === undefined) {
    if (keyId !== undefined) throw invalid(keyHeader, keyId, say`${keyHeader} needs ${algorithmHeader}: KMS.`)
    if (data !== undefined) throw invalid(dataHeader, data, say`${dataHeader} needs ${algorithmHeader}: KMS.`)
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
  if (algorithm === 'SM4' || dataEncryption?.toUpperCase() === 'SM4') {
    throw objectError(errors.NotImplemented, { facts: { what: say`Encryption with SM4` } })
  }
  if (algorithm !== 'AES256' && algorithm !== 'KMS') {
    throw objectError(errors.InvalidEncryptionAlgorithmError, {
      details: { EncryptionAlgorithm: algorithm.slice(0, 64) },
    })
  }
  if (dataEncryption !== undefined && dataEncryption !== '') {
    throw invalid(dataHeader, dataEncryption, say`the only other way to encrypt data is SM4.`)
  }
  if (algorithm === 'AES256') {
    if (keyId) throw invalid(keyHeader, keyId, say`a key is named with KMS only.`)
    return { algorithm }
  }
  return { algorithm, ...(keyId ? { keyId } : {}) }
}

/** Headers of answers about an object. */
export function encryptionHeaders(encryption: ObjectEncryption | undefined): Record<string, string> {
  if (!encryption) return {}
  const { algorithm, keyId } = encryption
  return { [algorithmHeader]: algorithm, ...(algorithm === 'KMS' && keyId ? { [keyHeader]: keyId } : {}) }
}
