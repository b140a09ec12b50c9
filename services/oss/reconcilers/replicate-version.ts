/** Making one version of a target bucket what it is in the source. Each answers why it could not be done. */
import type { Bucket } from '../domain/bucket.ts'
import type { EncryptionWish } from '../domain/encryption.ts'
import type { ReplicationRule } from '../domain/replication.ts'
import type { StoredObject } from '../domain/stored-object.ts'
import { headerTime } from '../domain/times.ts'
import { newVersionId } from '../domain/version-id.ts'
import { retainedUntil } from '../domain/worm.ts'
import { readObject, type StoredPlaintext, storeSource, withEncryption } from '../stored-bytes.ts'
import type { Queryable } from '../tables/buckets.ts'
import {
  deleteObject,
  deleteVersion,
  findObject,
  findVersion,
  holdKey,
  putObject,
  updateVersion,
} from '../tables/objects.ts'
import { markAsReplica, type QueuedVersion } from '../tables/replication.ts'
import { insertSegments } from '../tables/uploads.ts'
import { inTransaction } from '../transaction.ts'
import type { ReplicationParts } from './replication.ts'

type Problem = { reason: string; retryMs: number } | undefined

interface Ends {
  rule: ReplicationRule
  source: Bucket
  target: Bucket
}

export async function copyVersion(
  parts: ReplicationParts,
  { rule, source, target }: Ends,
  object: StoredObject,
): Promise<Problem> {
  const { store } = parts
  const bytes = parts.bytes.of(target.regionId)
  const before = await findCopy(store.pool, target, object)
  if (before && isSame(before, object)) return syncProperties(parts, target, before, object)
  if (before && isNewer(before, object)) return undefined
  const stored = await storeCopy(parts, { rule, source, target }, object)
  const outcome = await inTransaction(store, async (db): Promise<'written' | 'unneeded' | NonNullable<Problem>> => {
    await markAsReplica(db)
    await holdKey(db, target.bucketId, object.key)
    const now = await findCopy(db, target, object)
    if (now && (isSame(now, object) || isNewer(now, object))) return 'unneeded'
    const kept = now && refusesChange(parts, target, now)
    if (kept) return kept
    const { location = undefined } = stored ?? {}
    const isAppendable = object.type === 'Appendable'
    const segments = location === undefined || object.bytes === 0 ? [] : [{ offset: 0, bytes: object.bytes, location }]
    const { key, etag, crc64, contentType, meta, tags, type, storageClass, acl } = object
    await putObject(
      db,
      target.bucketId,
      {
        ...{ key, etag, crc64, contentType, tags, type, storageClass, acl, bytes: object.bytes },
        meta: copiedMeta(meta, stored),
        location: isAppendable ? undefined : location,
        segmentSet: isAppendable ? await insertSegments(db, segments) : undefined,
      },
      { at: object.modifiedAt, versionId: object.versionId ?? newVersionId(), forbidOverwrite: false },
    )
    return 'written'
  })
  if (outcome === 'written') return undefined
  if (stored) await bytes.release([stored.location])
  return outcome === 'unneeded' ? undefined : outcome
}

/**
 * Writes the bytes again, since another region's store is another place: under the key that the rule names, or else as
 * the target encrypts. Undefined when the object has none.
 */
async function storeCopy(
  { store, bytes, objectKeys }: ReplicationParts,
  { rule, source, target }: Ends,
  object: StoredObject,
): Promise<StoredPlaintext | undefined> {
  if (object.location === undefined && object.segmentSet === undefined) return undefined
  const from = { store, bytes: bytes.of(source.regionId), objectKeys }
  const body = await readObject(from, source.bucketId, object, { offset: 0, length: object.bytes })
  const wish: EncryptionWish | undefined =
    object.meta.encryption?.algorithm === 'KMS'
      ? { algorithm: 'KMS', keyId: rule.replicaKeyId, dataEncryption: object.meta.encryption.dataEncryption }
      : object.meta.encryption
        ? { algorithm: object.meta.encryption.algorithm }
        : target.settings.encryption
  const keyed = wish && (await objectKeys.create(target, object.key, wish))
  const to = { bytes: bytes.of(target.regionId) }
  const stored = await storeSource(to, Buffer.isBuffer(body) ? [body] : body, keyed, { expectedBytes: object.bytes })
  if (object.crc64 === undefined || object.bytes === 0 || stored.crc64 === object.crc64) return stored
  await to.bytes.release([stored.location])
  throw new Error(`the bytes of version ${object.versionSeq} are not those that were written`)
}

function copiedMeta(
  { encryption: _, ...meta }: StoredObject['meta'],
  stored: StoredPlaintext | undefined,
): StoredObject['meta'] {
  return withEncryption({ meta: { ...meta, isReplica: true } }, stored ?? {}).meta
}

/** What stands where the copy belongs. */
function findCopy(db: Queryable, target: Bucket, object: StoredObject): Promise<StoredObject | undefined> {
  if (target.versioning === 'Enabled' && object.versionId !== undefined) {
    return findVersion(db, target.bucketId, object.key, object.versionId)
  }
  return findObject(db, target.bucketId, object.key)
}

function isSame(copy: StoredObject, object: StoredObject): boolean {
  return (
    copy.etag === object.etag &&
    copy.bytes === object.bytes &&
    copy.modifiedAt.getTime() === object.modifiedAt.getTime() &&
    copy.contentType === object.contentType
  )
}

/** Whether the target was written later. Of two writes at once the same one wins on both sides. */
function isNewer(copy: StoredObject, object: StoredObject): boolean {
  const difference = copy.modifiedAt.getTime() - object.modifiedAt.getTime()
  return difference > 0 || (difference === 0 && copy.etag > object.etag)
}

/** Tags and ACL may change without a new version. */
async function syncProperties(
  { store }: ReplicationParts,
  target: Bucket,
  copy: StoredObject,
  object: StoredObject,
): Promise<undefined> {
  const isTagged = JSON.stringify(copy.tags) === JSON.stringify(object.tags)
  if (!copy.meta.isReplica || (isTagged && copy.acl === object.acl)) return
  await inTransaction(store, async (db) => {
    await markAsReplica(db)
    const version = { id: copy.versionId }
    const tags = object.tags.length > 0 ? object.tags : null
    await updateVersion(db, target.bucketId, copy.key, version, { tags })
    await updateVersion(db, target.bucketId, copy.key, version, { acl: object.acl ?? null })
  })
}

export async function writeMarker(parts: ReplicationParts, target: Bucket, marker: StoredObject): Promise<Problem> {
  return inTransaction(parts.store, async (db) => {
    await markAsReplica(db)
    await holdKey(db, target.bucketId, marker.key)
    const there = await findVersion(db, target.bucketId, marker.key, marker.versionId)
    if (there && (there.isMarker || marker.versionId !== undefined)) return undefined
    const current = await findObject(db, target.bucketId, marker.key)
    if (current && current.modifiedAt > marker.modifiedAt) return undefined
    const kept = current && target.versioning !== 'Enabled' && refusesChange(parts, target, current)
    if (kept) return kept
    const versionId = marker.versionId ?? newVersionId()
    await deleteObject(db, target.bucketId, marker.key, { at: marker.modifiedAt, versionId })
    return undefined
  })
}

/** Removes what was copied, or the original where both buckets are replicated to each other. */
export async function removeCopy(
  parts: ReplicationParts,
  { source, target }: Pick<Ends, 'source' | 'target'>,
  gone: QueuedVersion,
): Promise<Problem> {
  return inTransaction(parts.store, async (db) => {
    await markAsReplica(db)
    await holdKey(db, target.bucketId, gone.key)
    const isVersion = target.versioning !== undefined && gone.versionId !== undefined
    // Written again since: that write is queued too.
    if (!isVersion && (await findObject(db, source.bucketId, gone.key))) return undefined
    const copy = isVersion
      ? await findVersion(db, target.bucketId, gone.key, gone.versionId)
      : await findObject(db, target.bucketId, gone.key)
    if (!copy || copy.modifiedAt > gone.modifiedAt) return undefined
    const kept = refusesChange(parts, target, copy)
    if (kept) return kept
    if (isVersion) await deleteVersion(db, target.bucketId, gone.key, gone.versionId)
    else await deleteObject(db, target.bucketId, gone.key, { at: parts.clock.now(), versionId: newVersionId() })
    return undefined
  })
}

function refusesChange({ clock }: ReplicationParts, { settings, name }: Bucket, copy: StoredObject): Problem {
  const now = clock.now()
  const until = copy.isMarker ? undefined : retainedUntil(settings.worm, copy.modifiedAt, now)
  if (!until) return undefined
  const reason = `The bucket ${name} keeps the object unchanged until ${headerTime(until)}.`
  return { reason, retryMs: until.getTime() - now.getTime() }
}
