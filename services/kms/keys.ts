/** Finding keys, asking whether they may be used, and using them. */

import { randomUUID } from 'node:crypto'
import { isoSeconds } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { type RegionKeys, RegionSealedError } from '@pileus/kernel/region-keys'
import type { Db } from '@pileus/kernel/store/store'
import { type EncryptionContext, openCiphertext, readCiphertextHeader, sealCiphertext } from './domain/ciphertext.ts'
import { readKeyRef } from './domain/key-ref.ts'
import { isSymmetric, type KeyKind, type KeyUsage } from './domain/key-spec.ts'
import { generateMaterial } from './domain/material.ts'
import { invalid } from './domain/parameters.ts'
import { kmsErrors } from './errors.ts'
import { findAlias } from './tables/aliases.ts'
import { findKey, findKeyVersion, insertKey, insertKeyVersion, type Owner, updateKey } from './tables/keys.ts'
import type { KeyRow } from './tables/schema.ts'

/** What using keys needs: a database or a transaction, and the root keys. */
export interface Vault {
  readonly db: Db
  readonly regionKeys: RegionKeys
}

export type KeyAsker = Pick<Vault, 'db'> & Owner

/**
 * The key that `named` (id, alias or ARN) stands for. Another account's is there for operations that say `shared`,
 * whose callers its policy was asked about.
 * @throws Forbidden.KeyNotFound, Forbidden.AliasNotFound
 */
export async function getKey(
  { db, accountId, regionId }: KeyAsker,
  named: string,
  how: { lock?: 'update'; shared?: boolean } = {},
): Promise<KeyRow> {
  const ref = readKeyRef(named)
  if (!ref) throw keyNotFound(named)
  const place = ref.place ?? { accountId, regionId }
  if (place.regionId !== regionId || (place.accountId !== accountId && !how.shared)) throw keyNotFound(named)
  const keyId = ref.kind === 'key' ? ref.name : await findAlias(db, place, ref.name)
  if (keyId === undefined) throw apiError(kmsErrors['Forbidden.AliasNotFound'], { aliasName: named })
  const key = await findKey(db, keyId, how.lock)
  if (!key || key.account_id !== place.accountId || key.region_id !== regionId) throw keyNotFound(named)
  return key
}

/** What error messages call the key that a ciphertext names. */
export const ofCiphertext = 'that of the ciphertext'

export function keyNotFound(keyId: string) {
  return apiError(kmsErrors['Forbidden.KeyNotFound'], { keyId: keyId.slice(0, 256) })
}

/** @throws Rejected.Disabled, Rejected.PendingDeletion, Rejected.PendingImport, UnsupportedOperation */
export function requireUsable(key: KeyRow, usage: KeyUsage): void {
  const keyId = key.key_id
  if (key.state === 'Disabled') throw apiError(kmsErrors['Rejected.Disabled'], { keyId })
  if (key.state === 'PendingImport') throw apiError(kmsErrors['Rejected.PendingImport'], { keyId })
  refusePendingDeletion(key)
  if (key.key_usage !== usage) {
    throw apiError(kmsErrors.UnsupportedOperation, { reason: say`the key ${keyId} is for ${key.key_usage} only.` })
  }
}

export function refusePendingDeletion(key: KeyRow): void {
  if (key.state !== 'PendingDeletion') return
  const facts = { resource: 'key', name: key.key_id, action: 'CancelKeyDeletion' }
  throw apiError(kmsErrors['Rejected.PendingDeletion'], facts)
}

/** Keys that products made for themselves are theirs to change. @throws UnsupportedOperation */
export function refuseServiceKey(key: KeyRow): void {
  if (key.service === null) return
  const reason = `the key ${key.key_id} is kept by the cloud for ${key.service}.`
  throw apiError(kmsErrors.UnsupportedOperation, { reason })
}

/** @throws UnsupportedOperation */
export function requireSymmetric(key: KeyRow): void {
  if (isSymmetric(key.key_spec)) return
  const reason = `the key ${key.key_id} is of spec ${key.key_spec}; use AsymmetricEncrypt and AsymmetricDecrypt.`
  throw apiError(kmsErrors.UnsupportedOperation, { reason })
}

export interface NewKey extends KeyKind {
  description: string
  creator: string
  service?: string
  policy?: string
  rotationSeconds?: number
}

/** A key with its first version; without material when that is to be imported. */
export async function createKey(vault: Vault, owner: Owner, kind: NewKey, at: Date): Promise<KeyRow> {
  const keyId = randomUUID()
  const versionId = randomUUID()
  const isExternal = kind.origin === 'EXTERNAL'
  const made = isExternal ? undefined : await generateMaterial(kind.spec)
  const { rotationSeconds } = kind
  const row = {
    key_id: keyId,
    account_id: owner.accountId,
    region_id: owner.regionId,
    key_spec: kind.spec,
    key_usage: kind.usage,
    origin: kind.origin,
    description: kind.description,
    creator: kind.creator,
    service: kind.service ?? null,
    state: isExternal ? ('PendingImport' as const) : ('Enabled' as const),
    delete_at: null,
    policy: kind.policy ?? null,
    primary_version_id: versionId,
    rotation_seconds: rotationSeconds ?? null,
    next_rotation_at: rotationSeconds === undefined ? null : new Date(at.getTime() + rotationSeconds * 1_000),
    last_rotated_at: null,
    material_expires_at: null,
    created_at: at,
  }
  await insertKey(vault.db, row, {
    version_id: versionId,
    key_id: keyId,
    region_id: owner.regionId,
    sealed_material: made ? sealMaterial(vault, owner.regionId, versionId, made.secret) : null,
    public_key: made?.publicKey ?? null,
    created_at: at,
  })
  return { ...row, is_protected: false, protection_note: '' }
}

/** A new version, which encrypts and signs from now on; older ones still decrypt. */
export async function addKeyVersion(vault: Vault, key: KeyRow, at: Date): Promise<string> {
  const versionId = randomUUID()
  const made = await generateMaterial(key.key_spec)
  await insertKeyVersion(vault.db, {
    version_id: versionId,
    key_id: key.key_id,
    region_id: key.region_id,
    sealed_material: sealMaterial(vault, key.region_id, versionId, made.secret),
    public_key: made.publicKey ?? null,
    created_at: at,
  })
  const rotation = key.rotation_seconds
  await updateKey(vault.db, key.key_id, {
    // Which version of an asymmetric key signs, its callers say.
    ...(isSymmetric(key.key_spec) ? { primary_version_id: versionId } : {}),
    last_rotated_at: at,
    next_rotation_at: rotation === null ? null : new Date(at.getTime() + rotation * 1_000),
  })
  return versionId
}

export function sealMaterial({ regionKeys }: Vault, regionId: string, versionId: string, secret: Buffer): Buffer {
  const sealed = answering(() => regionKeys.seal(regionId, secret, `key version ${versionId}`))
  secret.fill(0)
  return sealed
}

/** The secret of a version; fill it with zeros after use. @throws Rejected.PendingImport, Forbidden.ResourceNotFound */
export async function openMaterial({ db, regionKeys }: Vault, key: KeyRow, versionId: string): Promise<Buffer> {
  const version = await findKeyVersion(db, key.key_id, versionId)
  if (!version) {
    throw apiError(kmsErrors['Forbidden.ResourceNotFound'], { resource: 'key version', name: versionId })
  }
  const { sealed_material: sealed } = version
  if (!sealed) throw apiError(kmsErrors['Rejected.PendingImport'], { keyId: key.key_id })
  return answering(() => regionKeys.open(key.region_id, sealed, `key version ${versionId}`))
}

/** Whether a sealed region is at fault is said in the API's words. @throws Rejected.RegionSealed */
export function answering<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (!(cause instanceof RegionSealedError)) throw cause
    throw apiError(kmsErrors['Rejected.RegionSealed'], { regionId: cause.regionId }, { cause })
  }
}

/** Under the primary version of a key that may be used. */
export async function encryptUnder(
  vault: Vault,
  key: KeyRow,
  plaintext: Uint8Array,
  context: EncryptionContext,
): Promise<Buffer> {
  requireUsable(key, 'ENCRYPT/DECRYPT')
  requireSymmetric(key)
  const material = await openMaterial(vault, key, key.primary_version_id)
  try {
    const header = { keyId: key.key_id, versionId: key.primary_version_id }
    return sealCiphertext(header, material, plaintext, context)
  } finally {
    material.fill(0)
  }
}

/**
 * Whose key it is the caller was already asked about; `accountId` limits it to one account.
 * @throws Forbidden.KeyNotFound, InvalidParameter
 */
export async function decryptCiphertext(
  vault: Vault,
  place: { regionId: string; accountId?: string },
  ciphertext: Buffer,
  context: EncryptionContext,
): Promise<{ key: KeyRow; versionId: string; plaintext: Buffer }> {
  const { keyId, versionId } = readCiphertextHeader(ciphertext)
  const key = await findKey(vault.db, keyId)
  const isTheirs = place.accountId === undefined || key?.account_id === place.accountId
  if (!key || key.region_id !== place.regionId || !isTheirs) throw keyNotFound(ofCiphertext)
  requireUsable(key, 'ENCRYPT/DECRYPT')
  if (!(await findKeyVersion(vault.db, keyId, versionId))) {
    throw invalid('CiphertextBlob', say`it was altered, or the key material it was encrypted with is gone.`)
  }
  const material = await openMaterial(vault, key, versionId)
  try {
    return { key, versionId, plaintext: openCiphertext(material, ciphertext, context) }
  } finally {
    material.fill(0)
  }
}

export function keyArn(key: Pick<KeyRow, 'account_id' | 'region_id' | 'key_id'>): string {
  return `acs:kms:${key.region_id}:${key.account_id}:key/${key.key_id}`
}

/** As DescribeKey and CreateKey answer. */
export function describeKey(key: KeyRow) {
  const rotation = key.rotation_seconds
  return {
    KeyId: key.key_id,
    Arn: keyArn(key),
    KeySpec: key.key_spec,
    KeyUsage: key.key_usage,
    KeyState: key.state,
    Origin: key.origin,
    ProtectionLevel: 'SOFTWARE',
    Creator: key.creator,
    Description: key.description,
    CreationDate: isoSeconds(key.created_at),
    DeleteDate: key.delete_at ? isoSeconds(key.delete_at) : '',
    PrimaryKeyVersion: key.primary_version_id,
    MaterialExpireTime: key.material_expires_at ? isoSeconds(key.material_expires_at) : '',
    AutomaticRotation: rotation === null ? 'Disabled' : key.state === 'Enabled' ? 'Enabled' : 'Suspended',
    LastRotationDate: isoSeconds(key.last_rotated_at ?? key.created_at),
    ...(rotation === null ? {} : { RotationInterval: `${rotation}s` }),
    ...(key.next_rotation_at ? { NextRotationDate: isoSeconds(key.next_rotation_at) } : {}),
  }
}
