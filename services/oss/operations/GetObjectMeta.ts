import { idleSince } from '../domain/access-monitor.ts'
import { checkConditions } from '../domain/conditions.ts'
import { headerTime } from '../domain/times.ts'
import { getTarget, versionHeader } from '../find-target.ts'
import { onObject } from '../operation.ts'
import { findAccessTime } from '../tables/access-times.ts'

export const GetObjectMeta = onObject({
  name: 'GetObjectMeta',
  route: { method: 'HEAD', subresources: ['objectMeta'] },
  permission: 'oss:GetObject',
  acl: 'read',
  async run(context, request) {
    const object = await getTarget(context, request)
    checkConditions(request.headers, object, 'read')
    const { accessMonitor } = context.bucket.settings
    const accessedAt = accessMonitor && (await findAccessTime(context.store.pool, context.bucket.bucketId, object.key))
    return {
      status: 200,
      headers: {
        'content-length': String(object.bytes),
        etag: `"${object.etag}"`,
        'last-modified': headerTime(object.modifiedAt),
        ...(object.crc64 === undefined ? {} : { 'x-oss-hash-crc64ecma': object.crc64 }),
        ...(accessMonitor
          ? { 'x-oss-last-access-time': headerTime(idleSince(accessMonitor, object.modifiedAt, accessedAt)) }
          : {}),
        ...versionHeader(context, object),
      },
    }
  },
})
