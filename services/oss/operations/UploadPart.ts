import type { StoredBytes } from '@pileus/kernel/fabric/bytes'
import { say } from '@pileus/kernel/messages/text'
import { type ObjectRequest, objectError } from '@pileus/kernel/object-protocol'
import { encryptionHeaders, refuseEncryption } from '../domain/encryption.ts'
import { invalid } from '../domain/headers.ts'
import { errors } from '../errors.ts'
import { type KeyContext, onObject } from '../operation.ts'
import { storeBody } from '../stored-bytes.ts'
import { findUpload, listParts, putPart, type Upload } from '../tables/uploads.ts'

export const maxParts = 10_000

export const UploadPart = onObject({
  name: 'UploadPart',
  route: { method: 'PUT', subresources: ['partNumber', 'uploadId'] },
  permission: 'oss:PutObject',
  acl: 'write',
  places: true,
  async run(context, request) {
    refuseEncryption(request.headers)
    const { upload, partNumber } = await openPart(context, request)
    const stored = await storeBody(context, request, upload.facts.meta.encryption ?? null)
    await keepPart(context, upload, partNumber, stored)
    return {
      status: 200,
      headers: {
        etag: `"${stored.md5Hex.toUpperCase()}"`,
        'content-md5': Buffer.from(stored.md5Hex, 'hex').toString('base64'),
        'x-oss-hash-crc64ecma': stored.crc64,
        ...encryptionHeaders(upload.facts.meta.encryption),
      },
    }
  },
})

/** The upload and number of a part. @throws InvalidArgument, NoSuchUpload, PartNotSequential */
export async function openPart(
  context: KeyContext,
  request: ObjectRequest,
): Promise<{ upload: Upload; partNumber: number }> {
  const text = request.query.get('partNumber') ?? ''
  const partNumber = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (partNumber < 1 || partNumber > maxParts) {
    throw invalid('partNumber', text, say`partNumber must be a number from 1 to ${maxParts}.`)
  }
  const upload = await getUpload(context, request)
  if (upload.facts.isSequential && partNumber > 1) {
    const before = await listParts(context.store.pool, upload.uploadId, { after: partNumber - 2, limit: 1 })
    if (before[0]?.partNumber !== partNumber - 1) throw objectError(errors.PartNotSequential)
  }
  return { upload, partNumber }
}

/** @throws NoSuchUpload */
export async function getUpload({ store, bucket, key }: KeyContext, { query }: ObjectRequest): Promise<Upload> {
  const uploadId = query.get('uploadId') ?? ''
  const upload = uploadId.includes('\0') ? undefined : await findUpload(store.pool, bucket.bucketId, key, uploadId)
  if (!upload) throw noSuchUpload(uploadId)
  return upload
}

export function noSuchUpload(uploadId: string) {
  return objectError(errors.NoSuchUpload, { details: { UploadId: uploadId.slice(0, 100) } })
}

/** @throws NoSuchUpload when the upload ended meanwhile */
export async function keepPart(
  { store, bytes, clock }: KeyContext,
  { uploadId }: Upload,
  partNumber: number,
  stored: StoredBytes,
): Promise<Date> {
  const modifiedAt = clock.now()
  const { location, bytes: size, md5Hex: md5, crc64 } = stored
  if (await putPart(store.pool, uploadId, { partNumber, location, bytes: size, md5, crc64, modifiedAt }))
    return modifiedAt
  await bytes.release([location])
  throw noSuchUpload(uploadId)
}
