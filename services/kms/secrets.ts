/**
 * Secrets: named values in versions. Stages say which version is meant: `ACSCurrent` is the newest, `ACSPrevious` the
 * one before; customers may add their own. A version without a stage is deprecated.
 */

import { isoSeconds } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import type { Tag } from '@pileus/kernel/tags'
import type { EncryptionContext } from './domain/ciphertext.ts'
import { invalid } from './domain/parameters.ts'
import { kmsErrors } from './errors.ts'
import { decryptCiphertext, encryptUnder, getKey, type Vault } from './keys.ts'
import { ensureServiceKey } from './service-keys.ts'
import { findKey, type Owner } from './tables/keys.ts'
import type { SecretRow, SecretVersionRow } from './tables/schema.ts'
import {
  deleteSecretVersions,
  findSecret,
  insertSecretVersion,
  listSecretVersions,
  setStages,
} from './tables/secrets.ts'

export const current = 'ACSCurrent'
export const previous = 'ACSPrevious'

/** Most versions of a secret; the oldest deprecated ones give way. */
const maxVersions = 10
const maxDataBytes = 30_720

/** 1 to 64 letters, digits or characters of _/+=.@-. @throws InvalidParameter */
export function parseSecretName(name: string): string {
  if (/^[A-Za-z0-9_/+=.@-]{1,64}$/.test(name)) return name
  throw invalid('SecretName', say`it must have 1 to 64 letters, digits or characters of _/+=.@-.`)
}

/** The name, or the name inside an ARN of this account and region. @throws Forbidden.ResourceNotFound */
export async function getSecret(
  { db, accountId, regionId }: Pick<Vault, 'db'> & Owner,
  named: string,
  lock?: 'update',
): Promise<SecretRow> {
  const prefix = `acs:kms:${regionId}:${accountId}:secret/`
  const name = named.startsWith(prefix) ? named.slice(prefix.length) : named
  const secret = await findSecret(db, { accountId, regionId }, name, lock)
  if (secret) return secret
  throw apiError(kmsErrors['Forbidden.ResourceNotFound'], { resource: 'secret', name: named.slice(0, 256) })
}

/** @throws Rejected.PendingDeletion */
export function refuseDeletedSecret(secret: SecretRow): void {
  if (!secret.delete_at) return
  const facts = { resource: 'secret', name: secret.secret_name, action: 'RestoreSecret' }
  throw apiError(kmsErrors['Rejected.PendingDeletion'], facts)
}

export interface SecretValue {
  versionId: string
  data: string
  dataType: 'text' | 'binary'
}

/** @throws InvalidParameter */
export function parseSecretValue(request: {
  VersionId: string
  SecretData: string
  SecretDataType?: string | undefined
}): SecretValue {
  const { VersionId: versionId, SecretData: data, SecretDataType: dataType = 'text' } = request
  if (!/^[\x21-\x7e]{1,64}$/.test(versionId)) {
    throw invalid('VersionId', say`it must have 1 to 64 ASCII characters without spaces.`)
  }
  if (dataType !== 'text' && dataType !== 'binary') throw invalid('SecretDataType', say`it must be text or binary.`)
  if (data === '' || Buffer.byteLength(data) > maxDataBytes) {
    throw invalid('SecretData', say`it must have 1 to ${maxDataBytes} bytes.`)
  }
  return { versionId, data, dataType }
}

/** Adds a version and lets `stages` mean it. @throws Rejected.ResourceExist when the version id was used */
export async function putVersion(
  vault: Vault,
  secret: SecretRow,
  value: SecretValue,
  stages: readonly string[],
  at: Date,
): Promise<void> {
  const key = secret.encryption_key_id
    ? await findKey(vault.db, secret.encryption_key_id)
    : await ensureServiceKey(vault, placeOf(secret), 'secretsmanager', at)
  if (!key) throw apiError(kmsErrors['Forbidden.KeyNotFound'], { keyId: secret.encryption_key_id ?? '' })
  const context = contextOf(secret, value.versionId)
  const isNew = await insertSecretVersion(vault.db, {
    secret_id: secret.secret_id,
    version_id: value.versionId,
    stages: [],
    data_type: value.dataType,
    wrapped_data: await encryptUnder(vault, key, Buffer.from(value.data), context),
    created_at: at,
  })
  if (!isNew) throw apiError(kmsErrors['Rejected.ResourceExist'], { resource: 'version', name: value.versionId })
  await moveStages(vault, secret, value.versionId, stages)
}

/** Lets `stages` mean the version; what was current becomes the previous one. */
export async function moveStages(
  { db }: Pick<Vault, 'db'>,
  secret: SecretRow,
  versionId: string,
  stages: readonly string[],
): Promise<void> {
  const versions = await listSecretVersions(db, secret.secret_id)
  const wasCurrent = versions.find((version) => version.stages.includes(current) && version.version_id !== versionId)
  const isReplaced = stages.includes(current) && wasCurrent !== undefined
  const moved = new Set<string>(isReplaced ? [...stages, previous] : stages)
  for (const version of versions) {
    const kept = version.stages.filter((stage) => !moved.has(stage))
    if (version.version_id === versionId) kept.push(...stages)
    if (isReplaced && version === wasCurrent) kept.push(previous)
    await setStages(db, secret.secret_id, version.version_id, kept)
    version.stages = kept
  }
  const deprecated = versions.filter((version) => version.stages.length === 0).map((version) => version.version_id)
  const surplus = Math.max(0, versions.length - maxVersions)
  await deleteSecretVersions(db, secret.secret_id, surplus > 0 ? deprecated.slice(-surplus) : [])
}

/** @throws as Decrypt does: with the key disabled the value cannot be read */
export async function openVersion(vault: Vault, secret: SecretRow, version: SecretVersionRow): Promise<string> {
  const context = contextOf(secret, version.version_id)
  const { plaintext } = await decryptCiphertext(vault, placeOf(secret), version.wrapped_data, context)
  return plaintext.toString()
}

/** A key that a secret may be encrypted under. @throws Forbidden.KeyNotFound, Rejected.Disabled and others */
export async function findEncryptionKey(vault: Vault & Owner, named: string | undefined): Promise<string | null> {
  return named ? (await getKey(vault, named)).key_id : null
}

export function secretArn(secret: SecretRow): string {
  return `acs:kms:${secret.region_id}:${secret.account_id}:secret/${secret.secret_name}`
}

function placeOf(secret: SecretRow): Owner {
  return { accountId: secret.account_id, regionId: secret.region_id }
}

function contextOf(secret: SecretRow, versionId: string): EncryptionContext {
  return { 'acs:kms:secret': secret.secret_id, 'acs:kms:version': versionId }
}

/** As ListSecrets and DescribeSecret answer. */
export function describeSecret(secret: SecretRow) {
  return {
    SecretName: secret.secret_name,
    SecretType: 'Generic',
    CreateTime: isoSeconds(secret.created_at),
    UpdateTime: isoSeconds(secret.updated_at),
    PlannedDeleteTime: secret.delete_at ? isoSeconds(secret.delete_at) : '',
  }
}

export function describeTags(tags: readonly Tag[] | undefined) {
  return { Tag: (tags ?? []).map((tag) => ({ TagKey: tag.key, TagValue: tag.value })) }
}
