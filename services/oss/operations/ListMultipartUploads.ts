import { readEncoding, readMaxKeys } from '../domain/list-parameters.ts'
import { xmlTime } from '../domain/times.ts'
import { type BucketContext, onBucket } from '../operation.ts'
import { listUploads, type Upload } from '../tables/uploads.ts'

export const ListMultipartUploads = onBucket({
  name: 'ListMultipartUploads',
  route: { method: 'GET', subresources: ['uploads'] },
  permission: 'oss:ListMultipartUploads',
  async run(context, { query }) {
    const { encode, EncodingType } = readEncoding(query)
    const limit = readMaxKeys(query, 'max-uploads', 1000)
    const [prefix, delimiter, keyMarker, uploadIdMarker] = [
      'prefix',
      'delimiter',
      'key-marker',
      'upload-id-marker',
    ].map((name) => (query.get(name) ?? '').split('\0', 1)[0]!) as [string, string, string, string]
    const page = await collect(context, { prefix, delimiter, keyMarker, uploadIdMarker, limit })
    const last = page.entries.at(-1)
    const isTruncated = page.isTruncated && last !== undefined
    return {
      status: 200,
      body: {
        kind: 'xml',
        root: 'ListMultipartUploadsResult',
        value: {
          Bucket: context.bucket.name,
          KeyMarker: encode(keyMarker),
          UploadIdMarker: uploadIdMarker,
          NextKeyMarker: isTruncated ? encode(typeof last === 'string' ? last : last.key) : '',
          NextUploadIdMarker: isTruncated && typeof last !== 'string' ? last.uploadId : '',
          Delimiter: encode(delimiter),
          Prefix: encode(prefix),
          MaxUploads: limit,
          EncodingType,
          IsTruncated: isTruncated,
          Upload: page.entries.flatMap((entry) =>
            typeof entry === 'string'
              ? []
              : [
                  {
                    Key: encode(entry.key),
                    UploadId: entry.uploadId,
                    StorageClass: entry.facts.storageClass,
                    Initiated: xmlTime(entry.initiatedAt),
                  },
                ],
          ),
          CommonPrefixes: page.entries.flatMap((entry) =>
            typeof entry === 'string' ? [{ Prefix: encode(entry) }] : [],
          ),
        },
      },
    }
  },
})

interface Wanted {
  prefix: string
  delimiter: string
  keyMarker: string
  uploadIdMarker: string
  limit: number
}

/** Uploads and common prefixes, in order. Uploads under way are few, so prefixes are rolled up here. */
async function collect({ store, bucket }: BucketContext, wanted: Wanted) {
  const { prefix, delimiter, limit } = wanted
  const entries: (Upload | string)[] = []
  let { keyMarker, uploadIdMarker } = wanted
  const batch = 1000
  for (;;) {
    const uploads = await listUploads(store.pool, bucket.bucketId, { prefix, keyMarker, uploadIdMarker, limit: batch })
    for (const upload of uploads) {
      keyMarker = upload.key
      uploadIdMarker = upload.uploadId
      const at = delimiter === '' ? -1 : upload.key.indexOf(delimiter, prefix.length)
      const entry = at === -1 ? upload : upload.key.slice(0, at + delimiter.length)
      // A common prefix that was the last entry of this page or of the one before.
      if (typeof entry === 'string' && (entries.at(-1) === entry || wanted.keyMarker.startsWith(entry))) continue
      if (entries.length >= limit) return { entries, isTruncated: true }
      entries.push(entry)
    }
    if (uploads.length < batch) return { entries, isTruncated: false }
  }
}
