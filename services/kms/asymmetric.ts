/** Versions of asymmetric keys, and encrypting with them. */

import { constants, createPrivateKey, privateDecrypt, publicEncrypt } from 'node:crypto'
import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { isKeyId } from './domain/key-ref.ts'
import { isSymmetric } from './domain/key-spec.ts'
import { invalid } from './domain/parameters.ts'
import { kmsErrors } from './errors.ts'
import { openMaterial, requireUsable, type Vault } from './keys.ts'
import { findKeyVersion } from './tables/keys.ts'
import type { KeyRow } from './tables/schema.ts'

/** @throws UnsupportedOperation for symmetric keys, Forbidden.ResourceNotFound */
export async function getPublicVersion(
  { db }: Pick<Vault, 'db'>,
  key: KeyRow,
  versionId: string,
): Promise<{ versionId: string; publicKey: string }> {
  if (isSymmetric(key.key_spec)) {
    const reason = `the key ${key.key_id} is of spec ${key.key_spec}, which has no public key.`
    throw apiError(kmsErrors.UnsupportedOperation, { reason })
  }
  const version = isKeyId(versionId) ? await findKeyVersion(db, key.key_id, versionId) : undefined
  if (!version?.public_key) {
    const facts = { resource: 'key version', name: versionId.slice(0, 256) }
    throw apiError(kmsErrors['Forbidden.ResourceNotFound'], facts)
  }
  return { versionId: version.version_id, publicKey: version.public_key }
}

const hashes: Readonly<Record<string, string>> = { RSAES_OAEP_SHA_1: 'sha1', RSAES_OAEP_SHA_256: 'sha256' }

function parseHash(algorithm: string | undefined): string {
  const hash = hashes[algorithm ?? '']
  if (hash === undefined) throw invalid('Algorithm', say`it must be one of ${Object.keys(hashes).join(', ')}.`)
  return hash
}

/** @throws InvalidParameter when the plaintext is too long for the key */
export function encryptWithPublicKey(publicKey: string, algorithm: string, plaintext: Buffer): Buffer {
  const oaepHash = parseHash(algorithm)
  try {
    return publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, plaintext)
  } catch {
    throw invalid('Plaintext', say`it is longer than the key and the algorithm can encrypt.`)
  }
}

/** @throws InvalidParameter when it was not encrypted with the version's public key */
export async function decryptWithPrivateKey(
  vault: Vault,
  key: KeyRow,
  versionId: string | undefined,
  algorithm: string | undefined,
  ciphertext: Buffer,
): Promise<Buffer> {
  requireUsable(key, 'ENCRYPT/DECRYPT')
  const oaepHash = parseHash(algorithm)
  const version = await getPublicVersion(vault, key, versionId ?? '')
  const secret = await openMaterial(vault, key, version.versionId)
  const privateKey = createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' })
  secret.fill(0)
  try {
    return privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, ciphertext)
  } catch {
    throw invalid('CiphertextBlob', say`it was not encrypted with this version of the key and this algorithm.`)
  }
}
