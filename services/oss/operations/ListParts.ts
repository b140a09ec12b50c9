import { say } from '@pileus/kernel/messages/text'
import { invalid } from '../domain/headers.ts'
import { readEncoding, readMaxKeys } from '../domain/list-parameters.ts'
import { xmlTime } from '../domain/times.ts'
import { onObject } from '../operation.ts'
import { listParts } from '../tables/uploads.ts'
import { getUpload } from './UploadPart.ts'

export const ListParts = onObject({
  name: 'ListParts',
  route: { method: 'GET', subresources: ['uploadId'] },
  permission: 'oss:ListParts',
  async run(context, request) {
    const { query } = request
    const { encode, EncodingType } = readEncoding(query)
    const limit = readMaxKeys(query, 'max-parts', 1000)
    const marker = query.get('part-number-marker') || '0'
    if (!/^\d{1,9}$/.test(marker))
      throw invalid('part-number-marker', marker, say`part-number-marker must be a number.`)
    const upload = await getUpload(context, request)
    const found = await listParts(context.store.pool, upload.uploadId, { after: Number(marker), limit: limit + 1 })
    const parts = found.slice(0, limit)
    return {
      status: 200,
      body: {
        kind: 'xml',
        root: 'ListPartsResult',
        value: {
          Bucket: context.bucket.name,
          Key: encode(context.key),
          UploadId: upload.uploadId,
          StorageClass: upload.facts.storageClass,
          PartNumberMarker: marker,
          NextPartNumberMarker: parts.at(-1)?.partNumber ?? Number(marker),
          MaxParts: limit,
          EncodingType,
          IsTruncated: found.length > limit,
          Part: parts.map((part) => ({
            PartNumber: part.partNumber,
            LastModified: xmlTime(part.modifiedAt),
            ETag: `"${part.md5.toUpperCase()}"`,
            HashCrc64ecma: part.crc64,
            Size: part.bytes,
          })),
        },
      },
    }
  },
})
