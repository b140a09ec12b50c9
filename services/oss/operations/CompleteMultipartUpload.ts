import { createHash } from 'node:crypto'
import { say } from '@pileus/kernel/messages/text'
import { type ObjectAnswer, type ObjectRequest, objectError } from '@pileus/kernel/object-protocol'
import { readCallback } from '../domain/callback.ts'
import { joinCrc64 } from '../domain/crc64.ts'
import { encryptionHeaders, refuseEncryption } from '../domain/encryption.ts'
import { header } from '../domain/headers.ts'
import { readEncoding } from '../domain/list-parameters.ts'
import { childrenOf, getText } from '../domain/xml.ts'
import { errors } from '../errors.ts'
import { versionHeader } from '../find-target.ts'
import { onObject } from '../operation.ts'
import { endMd5 } from '../running-md5.ts'
import { sendCallback } from '../send-callback.ts'
import { findUpload, insertSegments, listParts, type Part, removeUpload } from '../tables/uploads.ts'
import { inTransaction } from '../transaction.ts'
import { readWriteConditions, writeHeld } from '../write-conditions.ts'
import { maxParts, noSuchUpload } from './UploadPart.ts'

/** Smallest part that is not the last, in bytes. */
const minPartBytes = 100 * 1024

export const CompleteMultipartUpload = onObject({
  name: 'CompleteMultipartUpload',
  route: { method: 'POST', subresources: ['uploadId'] },
  permission: 'oss:PutObject',
  acl: 'write',
  places: true,
  async run(context, request) {
    const { store, bucket, key } = context
    const { encode, EncodingType } = readEncoding(request.query)
    const uploadId = request.query.get('uploadId') ?? ''
    refuseEncryption(request.headers)
    const callback = readCallback(request, context.bucket.settings.callbackPolicies)
    const conditions = readWriteConditions(request)
    const wanted = await readWanted(request)
    const done = await inTransaction(store, async (db) => {
      // Parts that arrive meanwhile wait, and then find no upload.
      const upload = uploadId.includes('\0')
        ? undefined
        : await findUpload(db, bucket.bucketId, key, uploadId, 'for update')
      if (!upload) throw noSuchUpload(uploadId)
      const kept = await listParts(db, uploadId, { after: 0, limit: maxParts })
      const parts = wanted ? choose(kept, wanted) : kept
      if (parts.length === 0) throw objectError(errors.InvalidPart, { facts: { part: 1 } })
      const joined = join(parts)
      await removeUpload(
        db,
        uploadId,
        parts.map((part) => part.partNumber),
      )
      const segmentSet = await insertSegments(db, joined.segments)
      const { contentType, tags, storageClass, acl } = upload.facts
      const md5 = upload.facts.isSequential ? await endMd5(parts) : undefined
      const meta = { ...upload.facts.meta, ...(md5 === undefined ? {} : { md5 }) }
      const { bytes, etag, crc64 } = joined
      const facts = { contentType, meta, tags, storageClass, acl, bytes, etag, crc64, segmentSet, key }
      const object = { ...facts, location: undefined, type: 'Multipart' } as const
      const { encryption } = meta
      return { ...joined, contentType, encryption, ...(await writeHeld(context, db, object, conditions)) }
    })
    const value = {
      Location: `http://${bucket.name}.oss-${bucket.regionId}.aliyuncs.com/${encodeURIComponent(key)}`,
      Bucket: bucket.name,
      Key: encode(key),
      ETag: `"${done.etag}"`,
      EncodingType,
    }
    const answer: ObjectAnswer = {
      status: 200,
      headers: {
        etag: `"${done.etag}"`,
        'x-oss-hash-crc64ecma': done.crc64,
        ...encryptionHeaders(done.encryption),
        ...versionHeader(context, done),
      },
      body: { kind: 'xml', root: 'CompleteMultipartUploadResult', value },
    }
    if (!callback) return answer
    const { etag, bytes, contentType, crc64 } = done
    const uploaded = { operation: 'CompleteMultipartUpload', etag, bytes, contentType, crc64, contentMd5: '' } as const
    return await sendCallback(context, request, callback, uploaded, answer)
  },
})

interface Wanted {
  partNumber: number
  etag: string
}

/** The parts that the body names; undefined for all. @throws MalformedXML, InvalidPartOrder */
async function readWanted(request: ObjectRequest): Promise<Wanted[] | undefined> {
  const isAll = header(request.headers, 'x-oss-complete-all')?.toLowerCase() === 'yes'
  const root = await request.findXml('CompleteMultipartUpload')
  if (isAll) {
    if (root) throw objectError(errors.InvalidArgument, { facts: { reason: say`x-oss-complete-all allows no body.` } })
    return undefined
  }
  const wanted = (root ? childrenOf(root, 'Part') : []).map((part) => ({
    partNumber: Number(getText(part, 'PartNumber')),
    etag: getText(part, 'ETag').trim().replace(/^"|"$/g, '').toLowerCase(),
  }))
  if (wanted.length === 0) throw objectError(errors.MalformedXML, { facts: { reason: say`it names no Part.` } })
  if (wanted.some((part, i) => i > 0 && part.partNumber <= wanted[i - 1]!.partNumber)) {
    throw objectError(errors.InvalidPartOrder)
  }
  return wanted
}

/** @throws InvalidPart */
function choose(kept: readonly Part[], wanted: readonly Wanted[]): Part[] {
  const byNumber = new Map(kept.map((part) => [part.partNumber, part]))
  return wanted.map(({ partNumber, etag }) => {
    const part = byNumber.get(partNumber)
    if (part?.md5 === etag) return part
    throw objectError(errors.InvalidPart, {
      facts: { part: partNumber },
      details: { PartNumber: String(partNumber), ETag: etag.slice(0, 64) },
    })
  })
}

/** @throws EntityTooSmall */
function join(parts: readonly Part[]) {
  const hash = createHash('md5')
  const segments: { offset: number; bytes: number; location: string }[] = []
  let bytes = 0
  let crc64 = '0'
  for (const [i, part] of parts.entries()) {
    if (part.bytes < minPartBytes && i < parts.length - 1) {
      throw objectError(errors.EntityTooSmall, {
        facts: { part: part.partNumber },
        details: { MinSizeAllowed: String(minPartBytes), ProposedSize: String(part.bytes) },
      })
    }
    if (part.bytes > 0) segments.push({ offset: bytes, bytes: part.bytes, location: part.location })
    hash.update(part.md5, 'hex')
    crc64 = joinCrc64(crc64, part.crc64, part.bytes)
    bytes += part.bytes
  }
  return { segments, bytes, crc64, etag: `${hash.digest('hex').toUpperCase()}-${parts.length}` }
}
