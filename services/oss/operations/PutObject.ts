import { objectError } from '@pileus/kernel/object-protocol'
import {
  defaultContentType,
  header,
  readMeta,
  readObjectAcl,
  readStorageClass,
  readTagHeader,
} from '../domain/headers.ts'
import { newVersionId } from '../domain/version-id.ts'
import { errors } from '../errors.ts'
import { versionHeader } from '../find-target.ts'
import { onObject } from '../operation.ts'
import { refuseUnsupportedHeaders } from '../refuse-headers.ts'
import { storeBody } from '../stored-bytes.ts'
import { findObject, putObject } from '../tables/objects.ts'

export const PutObject = onObject({
  name: 'PutObject',
  route: { method: 'PUT' },
  permission: 'oss:PutObject',
  acl: 'write',
  places: true,
  async run(context, request) {
    const { store, bytes, bucket, key, clock } = context
    const { headers } = request
    refuseUnsupportedHeaders(headers)
    const facts = {
      key,
      contentType: header(headers, 'content-type') ?? defaultContentType,
      meta: readMeta(headers),
      tags: readTagHeader(headers),
      storageClass: readStorageClass(headers, bucket.storageClass),
      acl: readObjectAcl(headers),
    }
    const forbidOverwrite = header(headers, 'x-oss-forbid-overwrite') === 'true'
    // Known before the bytes travel where it can be; the write asks again.
    if (forbidOverwrite && (await findObject(store.pool, bucket.bucketId, key))) throw alreadyThere(key)
    const stored = await storeBody(context, request)
    const etag = stored.md5Hex.toUpperCase()
    const object = {
      ...facts,
      location: stored.location,
      segmentSet: undefined,
      bytes: stored.bytes,
      etag,
      crc64: stored.crc64,
      type: 'Normal' as const,
    }
    const put = await putObject(store.pool, bucket.bucketId, object, {
      at: clock.now(),
      versionId: newVersionId(),
      forbidOverwrite,
    })
    if (put.outcome !== 'done') {
      await bytes.release([stored.location])
      throw put.outcome === 'exists'
        ? alreadyThere(key)
        : objectError(errors.NoSuchBucket, { details: { BucketName: bucket.name } })
    }
    return {
      status: 200,
      headers: {
        etag: `"${etag}"`,
        'content-md5': Buffer.from(stored.md5Hex, 'hex').toString('base64'),
        'x-oss-hash-crc64ecma': stored.crc64,
        ...versionHeader(context, put),
      },
    }
  },
})

function alreadyThere(key: string) {
  return objectError(errors.FileAlreadyExists, { details: { Key: key } })
}
