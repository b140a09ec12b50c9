/** The headers that describe an object. */
import { encryptionHeaders } from './domain/encryption.ts'
import { headerBytes } from './domain/headers.ts'
import type { StoredObject } from './domain/stored-object.ts'
import { headerTime } from './domain/times.ts'
import { versionHeader } from './find-target.ts'
import type { KeyContext } from './operation.ts'

export function describeObject(context: KeyContext, object: StoredObject): Record<string, string> {
  const { meta } = object
  const headers: Record<string, string> = {
    'content-type': headerBytes(object.contentType),
    etag: `"${object.etag}"`,
    'last-modified': headerTime(object.modifiedAt),
    'accept-ranges': 'bytes',
    'x-oss-object-type': object.type,
    'x-oss-storage-class': object.storageClass,
    ...versionHeader(context, object),
    ...encryptionHeaders(meta.encryption),
  }
  if (object.crc64 !== undefined) headers['x-oss-hash-crc64ecma'] = object.crc64
  const md5 = object.type === 'Normal' && object.etag.length === 32 ? object.etag : meta.md5
  if (md5 !== undefined) headers['content-md5'] = Buffer.from(md5, 'hex').toString('base64')
  if (object.type === 'Appendable') headers['x-oss-next-append-position'] = String(object.bytes)
  if (object.type === 'Appendable' && meta.sealedAt !== undefined)
    headers['x-oss-sealed-time'] = headerTime(new Date(meta.sealedAt))
  if (object.tags.length > 0) headers['x-oss-tagging-count'] = String(object.tags.length)
  if (meta.isReplica) headers['x-oss-replication-status'] = 'REPLICA'
  if (object.restore) headers['x-oss-restore'] = describeRestore(object.restore, context.clock.now())
  for (const [name, value] of Object.entries(meta.headers ?? {})) headers[name] = headerBytes(value)
  for (const [name, value] of Object.entries(meta.user ?? {})) headers[`x-oss-meta-${name}`] = headerBytes(value)
  return headers
}

export function describeRestore(restore: NonNullable<StoredObject['restore']>, now: Date): string {
  if (new Date(restore.readyAt) > now) return 'ongoing-request="true"'
  return `ongoing-request="false", expiry-date="${headerTime(new Date(restore.until))}"`
}
