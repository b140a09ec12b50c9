import type { StoredBytes } from '@pileus/kernel/fabric/bytes'
import { say } from '@pileus/kernel/messages/text'
import { type ObjectRequest, objectError } from '@pileus/kernel/object-protocol'
import { encryptionHeaders, refuseEncryption } from '../domain/encryption.ts'
import { invalid } from '../domain/headers.ts'
import { errors } from '../errors.ts'
import { type KeyContext, onObject } from '../operation.ts'
import { continueMd5, type RunningMd5 } from '../running-md5.ts'
import { storeBody } from '../stored-bytes.ts'
import { findUpload, listParts, type Part, putPart, type Upload } from '../tables/uploads.ts'

export const maxParts = 10_000

export const UploadPart = onObject({
  name: 'UploadPart',
  route: { method: 'PUT', subresources: ['partNumber', 'uploadId'] },
  permission: 'oss:PutObject',
  acl: 'write',
  places: true,
  async run(context, request) {
    refuseEncryption(request.headers)
    const { upload, partNumber, before } = await openPart(context, request)
    const isHashed = upload.facts.isSequential && (partNumber === 1 || before?.runningMd5 !== undefined)
    const md5 = isHashed ? await continueMd5(before?.runningMd5, request.body) : undefined
    const encryption = upload.facts.meta.encryption ?? null
    const stored = await storeBody(context, md5 ? { ...request, body: md5.body } : request, encryption)
    await keepPart(context, upload, partNumber, stored, md5?.end(stored.md5Hex))
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

/** The upload and number of a part, and the part before it where parts come in order. @throws InvalidArgument, NoSuchUpload, PartNotSequential */
export async function openPart(
  context: KeyContext,
  request: ObjectRequest,
): Promise<{ upload: Upload; partNumber: number; before: Part | undefined }> {
  const text = request.query.get('partNumber') ?? ''
  const partNumber = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (partNumber < 1 || partNumber > maxParts) {
    throw invalid('partNumber', text, say`partNumber must be a number from 1 to ${maxParts}.`)
  }
  const upload = await getUpload(context, request)
  if (!upload.facts.isSequential || partNumber === 1) return { upload, partNumber, before: undefined }
  const [before] = await listParts(context.store.pool, upload.uploadId, { after: partNumber - 2, limit: 1 })
  if (before?.partNumber !== partNumber - 1) throw objectError(errors.PartNotSequential)
  return { upload, partNumber, before }
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
  runningMd5?: RunningMd5,
): Promise<Date> {
  const modifiedAt = clock.now()
  const { location, bytes: size, md5Hex: md5, crc64 } = stored
  const part = { partNumber, location, bytes: size, md5, crc64, modifiedAt, runningMd5 }
  if (await putPart(store.pool, uploadId, part)) return modifiedAt
  await bytes.release([location])
  throw noSuchUpload(uploadId)
}
