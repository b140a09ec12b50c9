import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { getTarget } from '../find-target.ts'
import { splitSaveAs } from '../images/parse-process.ts'
import { processImage, readImageProcess } from '../images/process-image.ts'
import { onObject } from '../operation.ts'
import { followSymlink } from '../symlink.ts'
import { refuseUnreadable } from './GetObject.ts'
import { PutObject } from './PutObject.ts'

/** Longest body, in bytes. */
const maxBodyBytes = 16 * 1024

/** Draws an image and puts it into a bucket of the same region. */
export const ProcessObject = onObject({
  name: 'ProcessObject',
  route: { method: 'POST', subresources: ['x-oss-process'] },
  permission: 'oss:GetObject',
  places: true,
  async run(context, request) {
    const inQuery = request.query.get('x-oss-process') ?? ''
    const body = (await request.readBody(maxBodyBytes)).toString('utf8')
    const text = inQuery === '' ? decodeForm(body) : inQuery
    const { process, saveAs } = splitSaveAs(text)
    const asked = readImageProcess(context, process)
    const key = saveAs.key
    const target = await context.mayAlso(PutObject, { bucket: saveAs.bucket ?? context.bucket.name, key })
    if (target.regionId !== context.bucket.regionId) {
      const reason = 'The result must stay in the region of the source.'
      throw objectError(errors.AccessDenied, { facts: { reason } })
    }
    const object = await followSymlink(context, await getTarget(context, request))
    refuseUnreadable(context, object)
    const { data, contentType } = await processImage(context, request, object, asked)
    const put = {
      ...request,
      method: 'PUT',
      bucket: target.name,
      key,
      query: new Map(),
      headers: { 'content-type': contentType },
      contentBytes: data.length,
      body: once(data),
    }
    await PutObject.run({ ...context, bucket: target, key }, put)
    // The bucket is told only where it was named.
    const answer = { bucket: saveAs.bucket ?? '', fileSize: data.length, object: key, status: 'OK' }
    return {
      status: 200,
      body: { kind: 'text', contentType: 'application/json', text: JSON.stringify(answer) },
    }
  },
})

/** `x-oss-process=…`; clients send it as it is, though some percent-encode it. @throws InvalidArgument */
function decodeForm(body: string): string {
  const text = body.trim().replace(/^x-oss-process=/, '')
  if (text !== body.trim())
    return text.includes('%') ? (new URLSearchParams(body.trim()).get('x-oss-process') ?? '') : text
  const reason = 'The body must be x-oss-process=<process>|sys/saveas,o_<key>,b_<bucket>.'
  throw objectError(errors.InvalidArgument, { facts: { reason } })
}

async function* once(data: Buffer): AsyncGenerator<Uint8Array> {
  yield data
}
