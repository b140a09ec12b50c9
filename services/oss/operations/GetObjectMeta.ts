import { checkConditions } from '../domain/conditions.ts'
import { headerTime } from '../domain/times.ts'
import { getTarget, versionHeader } from '../find-target.ts'
import { onObject } from '../operation.ts'

export const GetObjectMeta = onObject({
  name: 'GetObjectMeta',
  route: { method: 'HEAD', subresources: ['objectMeta'] },
  permission: 'oss:GetObject',
  acl: 'read',
  async run(context, request) {
    const object = await getTarget(context, request)
    checkConditions(request.headers, object, 'read')
    return {
      status: 200,
      headers: {
        'content-length': String(object.bytes),
        etag: `"${object.etag}"`,
        'last-modified': headerTime(object.modifiedAt),
        ...(object.crc64 === undefined ? {} : { 'x-oss-hash-crc64ecma': object.crc64 }),
        ...versionHeader(context, object),
      },
    }
  },
})
