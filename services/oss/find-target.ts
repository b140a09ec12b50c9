/** Which version a request on an object means. */
import { type ObjectRequest, objectError } from '@pileus/kernel/object-protocol'
import { type StoredObject, shownVersionId } from './domain/stored-object.ts'
import { errors } from './errors.ts'
import type { KeyContext } from './operation.ts'
import { findHidingMarker, findObject, findVersion } from './tables/objects.ts'

/** Version id of the query: undefined when none is given, `{ id: undefined }` for the null version. */
export function versionOf(request: Pick<ObjectRequest, 'query'>): { id: string | undefined } | undefined {
  const text = request.query.get('versionId')
  if (text === undefined || text === '') return undefined
  return { id: text === 'null' ? undefined : text }
}

/**
 * The object that is meant, which is not a delete marker.
 * @throws NoSuchKey (with `x-oss-delete-marker` when one hides it), NoSuchVersion, MethodNotAllowed for a marker's id
 */
export async function getTarget(context: KeyContext, request: ObjectRequest): Promise<StoredObject> {
  const { store, bucket, key } = context
  const version = versionOf(request)
  if (version) {
    const object = await findVersion(store.pool, bucket.bucketId, key, version.id)
    if (!object) throw objectError(errors.NoSuchVersion, { details: { Key: key, VersionId: version.id ?? 'null' } })
    if (!object.isMarker) return object
    throw objectError(errors.MethodNotAllowed, {
      details: { Method: request.method, ResourceType: 'DeleteMarker' },
      headers: { 'x-oss-delete-marker': 'true', 'x-oss-version-id': shownVersionId(object), allow: 'DELETE' },
    })
  }
  const object = await findObject(store.pool, bucket.bucketId, key)
  if (object) return object
  const marker = bucket.versioning && (await findHidingMarker(store.pool, bucket.bucketId, key))
  throw objectError(errors.NoSuchKey, {
    details: { Key: key },
    headers: marker ? { 'x-oss-delete-marker': 'true', 'x-oss-version-id': shownVersionId(marker) } : {},
  })
}

/** `x-oss-version-id` where the bucket keeps versions. */
export function versionHeader(
  context: Pick<KeyContext, 'bucket'>,
  object: { versionId: string | undefined },
): Record<string, string> {
  return context.bucket.versioning === undefined ? {} : { 'x-oss-version-id': shownVersionId(object) }
}
