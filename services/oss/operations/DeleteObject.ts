import { objectError } from '@pileus/kernel/object-protocol'
import { newVersionId } from '../domain/version-id.ts'
import { errors } from '../errors.ts'
import { versionOf } from '../find-target.ts'
import { unlessImmutable } from '../immutable.ts'
import { type BucketContext, onObject } from '../operation.ts'
import { deleteObject, deleteVersion } from '../tables/objects.ts'

/** Answers 204 also when there was nothing to delete. */
export const DeleteObject = onObject({
  name: 'DeleteObject',
  // Symbolic links are deleted as other objects are; clients may say that they mean one.
  route: { method: 'DELETE', optional: ['symlink'] },
  permission: 'oss:DeleteObject',
  acl: 'write',
  async run(context, request) {
    const removed = await removeObject(context, context.key, versionOf(request))
    const headers: Record<string, string> = {}
    if (removed.versionId !== undefined) headers['x-oss-version-id'] = removed.versionId
    if (removed.isMarker) headers['x-oss-delete-marker'] = 'true'
    return { status: 204, headers }
  },
})

export interface Removed {
  /** Of what was removed or of the marker that was made, as customers see it; undefined without versioning. */
  versionId: string | undefined
  /** Whether a marker was made, or removed. */
  isMarker: boolean
}

/** Removes the current version, or a given one. @throws FileImmutable */
export async function removeObject(
  context: BucketContext,
  key: string,
  version: { id: string | undefined } | undefined,
): Promise<Removed> {
  const { bucket, clock } = context
  const gone = () => objectError(errors.NoSuchBucket, { details: { BucketName: bucket.name } })
  if (version) {
    const outcome = await unlessImmutable(context, { key, version }, (db) =>
      deleteVersion(db, bucket.bucketId, key, version.id),
    )
    if (outcome === 'gone') throw gone()
    return { versionId: version.id ?? 'null', isMarker: outcome === 'marker' }
  }
  const how = { at: clock.now(), versionId: newVersionId() }
  const removed = await unlessImmutable(context, { key }, (db) => deleteObject(db, bucket.bucketId, key, how))
  if (removed.outcome === 'gone') throw gone()
  if (removed.outcome === 'deleted') return { versionId: undefined, isMarker: false }
  return { versionId: removed.versionId ?? 'null', isMarker: true }
}
