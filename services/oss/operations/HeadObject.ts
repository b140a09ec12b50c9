import type { ObjectAnswer, ObjectRequest } from '@pileus/kernel/object-protocol'
import { checkConditions } from '../domain/conditions.ts'
import { header } from '../domain/headers.ts'
import { resolveRange } from '../domain/range.ts'
import { getTarget } from '../find-target.ts'
import { describeObject } from '../object-headers.ts'
import { type KeyContext, onObject } from '../operation.ts'
import { findPartRange } from '../part-range.ts'
import { replicationHeader } from '../replication-status.ts'
import { followSymlink } from '../symlink.ts'

export const HeadObject = onObject({
  name: 'HeadObject',
  route: { method: 'HEAD' },
  permission: 'oss:GetObject',
  acl: 'read',
  async run(context: KeyContext, request: ObjectRequest): Promise<ObjectAnswer> {
    const target = await getTarget(context, request)
    const object = await followSymlink(context, target)
    checkConditions(request.headers, object, 'read')
    const part = await findPartRange(context, request, object)
    const headers = {
      // A link has metadata of its own; all else is its target's.
      ...describeObject(context, { ...object, meta: { ...object.meta, user: target.meta.user ?? {} } }),
      ...(target === object ? {} : { 'x-oss-object-type': 'Symlink' }),
      ...(context.bucket.settings.isReplicated ? await replicationHeader(context, object) : {}),
      ...part?.headers,
      'content-length': String(object.bytes),
    }
    // S3 clients ask so for the size of one part of what they will get.
    const asked = request.dialect === 's3' ? header(request.headers, 'range') : undefined
    const range = part?.range ?? resolveRange(asked, object.bytes, true)
    if (!range) return { status: 200, headers }
    const last = range.offset + range.length - 1
    return {
      status: 206,
      headers: {
        ...headers,
        'content-length': String(range.length),
        'content-range': `bytes ${range.offset}-${last}/${object.bytes}`,
      },
    }
  },
})
