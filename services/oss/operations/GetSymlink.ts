import { say } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { headerTime } from '../domain/times.ts'
import { errors } from '../errors.ts'
import { getTarget, versionHeader } from '../find-target.ts'
import { onObject } from '../operation.ts'

export const GetSymlink = onObject({
  name: 'GetSymlink',
  route: { method: 'GET', subresources: ['symlink'] },
  permission: 'oss:GetObject',
  acl: 'read',
  async run(context, request) {
    const object = await getTarget(context, request)
    if (object.type !== 'Symlink')
      throw objectError(errors.OperationNotSupported, { facts: { reason: say`it is no symbolic link.` } })
    return {
      status: 200,
      headers: {
        etag: `"${object.etag}"`,
        'last-modified': headerTime(object.modifiedAt),
        'x-oss-symlink-target': encodeURIComponent(object.meta.symlinkTarget ?? ''),
        ...versionHeader(context, object),
      },
    }
  },
})
