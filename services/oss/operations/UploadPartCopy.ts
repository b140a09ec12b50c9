import { say } from '@pileus/kernel/messages/text'
import { getCopySource } from '../copy-source.ts'
import { header, invalid } from '../domain/headers.ts'
import { resolveRange } from '../domain/range.ts'
import { xmlTime } from '../domain/times.ts'
import { onObject } from '../operation.ts'
import { dataKeyFor, readObject, storeSource } from '../stored-bytes.ts'
import { keepPart, openPart } from './UploadPart.ts'

export const UploadPartCopy = onObject({
  name: 'UploadPartCopy',
  route: { method: 'PUT', subresources: ['partNumber', 'uploadId'], header: 'x-oss-copy-source' },
  permission: 'oss:PutObject',
  acl: 'write',
  places: true,
  async run(context, request) {
    const { upload, partNumber } = await openPart(context, request)
    const source = await getCopySource(context, request)
    const asked = header(request.headers, 'x-oss-copy-source-range')
    const range = resolveRange(asked, source.object.bytes, true)
    if (asked !== undefined && !range) {
      throw invalid('x-oss-copy-source-range', asked, say`x-oss-copy-source-range must be bytes=<first>-<last>.`)
    }
    const whole = { offset: 0, length: source.object.bytes }
    const bytes = await readObject(context, source.bucket.bucketId, source.object, range ?? whole)
    const keyed = await dataKeyFor(context, request, upload.facts.meta.encryption ?? null)
    const body = Buffer.isBuffer(bytes) ? [bytes] : bytes
    const stored = await storeSource(context, body, keyed, { signal: request.abortSignal() })
    const at = await keepPart(context, upload, partNumber, stored)
    const etag = `"${stored.md5Hex.toUpperCase()}"`
    const value = { LastModified: xmlTime(at), ETag: etag }
    return {
      status: 200,
      headers: { ...source.headers, etag },
      body: { kind: 'xml', root: 'CopyPartResult', value },
    }
  },
})
