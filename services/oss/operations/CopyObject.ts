import { say } from '@pileus/kernel/messages/text'
import { type ObjectRequest, objectError } from '@pileus/kernel/object-protocol'
import { getCopySource } from '../copy-source.ts'
import type { Bucket } from '../domain/bucket.ts'
import { encryptionHeaders } from '../domain/encryption.ts'
import { header, invalid, readStorageClass } from '../domain/headers.ts'
import type { NewObject, ObjectEncryption, ObjectMeta, StoredObject } from '../domain/stored-object.ts'
import { xmlTime } from '../domain/times.ts'
import { errors } from '../errors.ts'
import { versionHeader } from '../find-target.ts'
import { forbidsOverwrite, readObjectFacts } from '../object-facts.ts'
import { type KeyContext, onObject } from '../operation.ts'
import { dataKeyFor, readObject, type StoredPlaintext, storeSource } from '../stored-bytes.ts'
import { copySegments, holdKey, lockVersion } from '../tables/objects.ts'
import { inTransaction } from '../transaction.ts'
import { writeObject } from '../write-object.ts'

/**
 * Copies by reference: both rows then hold the same bytes, which live as long as one of them does. Where one of them
 * is encrypted the bytes are written again, since each object has a key of its own.
 */
export const CopyObject = onObject({
  name: 'CopyObject',
  route: { method: 'PUT', header: 'x-oss-copy-source' },
  permission: 'oss:PutObject',
  acl: 'write',
  places: true,
  async run(context, request) {
    const { store, bucket, key } = context
    const { headers } = request
    const replaces = readDirective(header(headers, 'x-oss-metadata-directive'), 'x-oss-metadata-directive')
    const replacesTags = readDirective(header(headers, 'x-oss-tagging-directive'), 'x-oss-tagging-directive')
    // OSS reads the conditions of a copy in headers of their own; some of its clients send the bare ones as well.
    const { 'if-match': _, 'if-none-match': __, ...rest } = headers
    const given = readObjectFacts(bucket, request.dialect === 's3' ? request : { headers: rest })
    const { bucket: from, object: source, headers: sourceHeaders } = await getCopySource(context, request)
    const forbidOverwrite = forbidsOverwrite(request)
    const rewritten = await rewrite(context, request, from, source)
    const written = await inTransaction(store, async (db) => {
      // In the order of other writes, key before row, so that only two copies can wait for each other.
      await holdKey(db, bucket.bucketId, key)
      // While it is locked its bytes are recorded, and so cannot go before the copy records them too.
      const locked = await lockVersion(db, from.bucketId, source)
      if (!locked) throw objectError(errors.NoSuchKey, { details: { Key: source.key } })
      const object: NewObject = {
        key,
        location: rewritten ? rewritten.location : locked.location,
        segmentSet:
          rewritten || locked.segmentSet === undefined ? undefined : await copySegments(db, locked.segmentSet),
        bytes: rewritten ? source.bytes : locked.bytes,
        etag: rewritten ? source.etag : locked.etag,
        crc64: rewritten ? source.crc64 : locked.crc64,
        type: locked.type === 'Appendable' ? 'Multipart' : locked.type,
        contentType: replaces ? given.contentType : locked.contentType,
        meta: metaOf(
          replaces ? withMd5(given.meta, locked.meta) : { ...locked.meta, isReplica: undefined },
          rewritten?.encryption,
        ),
        tags: replacesTags ? given.tags : locked.tags,
        storageClass: readStorageClass(headers, bucket.storageClass),
        acl: given.acl,
      }
      return await writeObject(context, db, object, { forbidOverwrite })
    }).catch(async (error) => {
      if (rewritten) await context.bytes.release([rewritten.location])
      throw error
    })
    return {
      status: 200,
      headers: {
        ...sourceHeaders,
        ...versionHeader(context, written),
        ...encryptionHeaders(rewritten?.encryption),
        'x-oss-hash-crc64ecma': source.crc64 ?? '0',
      },
      body: {
        kind: 'xml',
        root: 'CopyObjectResult',
        value: { LastModified: xmlTime(written.at), ETag: `"${source.etag}"` },
      },
    }
  },
})

/** The bytes of an encrypted copy, or of the copy of an encrypted object; undefined when they can be shared. */
async function rewrite(
  context: KeyContext,
  request: ObjectRequest,
  from: Bucket,
  source: StoredObject,
): Promise<StoredPlaintext | undefined> {
  const keyed = await dataKeyFor(context, request)
  if (!keyed && !source.meta.encryption) return undefined
  const body = await readObject(context, from.bucketId, source, { offset: 0, length: source.bytes })
  const chunks = Buffer.isBuffer(body) ? [body] : body
  return await storeSource(context, chunks, keyed, { expectedBytes: source.bytes, signal: request.abortSignal() })
}

/** Whatever else is replaced, the bytes are the source's. */
function withMd5(meta: ObjectMeta, { md5 }: ObjectMeta): ObjectMeta {
  return md5 === undefined ? meta : { ...meta, md5 }
}

function metaOf({ encryption: _, ...meta }: ObjectMeta, encryption: ObjectEncryption | undefined): ObjectMeta {
  return encryption ? { ...meta, encryption } : meta
}

/** Whether the new object has its own; it keeps the source's unless told otherwise. @throws InvalidArgument */
function readDirective(value: string | undefined, name: string): boolean {
  const lower = (value ?? 'copy').toLowerCase()
  if (lower !== 'copy' && lower !== 'replace') throw invalid(name, value ?? '', say`${name} must be COPY or REPLACE.`)
  return lower === 'replace'
}
