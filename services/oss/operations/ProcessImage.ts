import { createHash } from 'node:crypto'
import { checkConditions } from '../domain/conditions.ts'
import { getTarget } from '../find-target.ts'
import { processImage, readImageProcess } from '../images/process-image.ts'
import { describeObject } from '../object-headers.ts'
import { onObject } from '../operation.ts'
import { followSymlink } from '../symlink.ts'
import { overrides, refuseUnreadable } from './GetObject.ts'

/** GetObject with `x-oss-process`: the image is drawn anew for each answer, so that ranges do not apply. */
export const ProcessImage = onObject({
  name: 'ProcessImage',
  route: { method: 'GET', subresources: ['x-oss-process'] },
  permission: 'oss:GetObject',
  acl: 'read',
  async run(context, request) {
    const text = request.query.get('x-oss-process') ?? ''
    const process = readImageProcess(context, text)
    const object = await followSymlink(context, await getTarget(context, request))
    // Another process of the same image is another answer.
    const etag = createHash('md5')
      .update(`${object.etag}\n${JSON.stringify(process)}`)
      .digest('hex')
      .toUpperCase()
    checkConditions(request.headers, { etag, modifiedAt: object.modifiedAt }, 'read')
    refuseUnreadable(context, object)
    const { data, contentType } = await processImage(context, request, object, process)
    const described = describeObject(context, object)
    const kept = [
      'last-modified',
      'cache-control',
      'expires',
      'x-oss-object-type',
      'x-oss-storage-class',
      'x-oss-version-id',
    ]
    const headers = Object.fromEntries(Object.entries(described).filter(([name]) => kept.includes(name)))
    return {
      status: 200,
      headers: {
        ...headers,
        etag: `"${etag}"`,
        'content-type': contentType,
        ...overrides(request, context.principal.kind === 'anonymous'),
        'content-length': String(data.length),
      },
      body: { kind: 'bytes', bytes: data },
    }
  },
})
