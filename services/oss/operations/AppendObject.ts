import { createHash } from 'node:crypto'
import { say } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { joinCrc64 } from '../domain/crc64.ts'
import { encryptionHeaders } from '../domain/encryption.ts'
import { invalid } from '../domain/headers.ts'
import type { StoredObject } from '../domain/stored-object.ts'
import { errors } from '../errors.ts'
import { versionHeader } from '../find-target.ts'
import { refuseImmutable } from '../immutable.ts'
import { readObjectFacts } from '../object-facts.ts'
import { onObject } from '../operation.ts'
import { maxPutBytes, storeBody, withEncryption } from '../stored-bytes.ts'
import { findObject, growObject, holdKey } from '../tables/objects.ts'
import { insertSegments } from '../tables/uploads.ts'
import { inTransaction } from '../transaction.ts'
import { writeObject } from '../write-object.ts'

export const AppendObject = onObject({
  name: 'AppendObject',
  route: { method: 'POST', subresources: ['append', 'position'] },
  permission: 'oss:PutObject',
  acl: 'write',
  places: true,
  async run(context, request) {
    const { store, bytes, bucket, key } = context
    const text = request.query.get('position') ?? ''
    const position = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (Number.isNaN(position)) throw invalid('position', text, say`position must be a number from 0 on.`)
    // Those of later calls are not read.
    const facts = readObjectFacts(bucket, position === 0 ? request : { headers: {} })
    const found = await findObject(store.pool, bucket.bucketId, key)
    checkPosition(found, position)
    const encryption = found ? (found.meta.encryption ?? null) : undefined
    const stored = await storeBody(context, request, encryption)
    const { location, bytes: added, crc64, md5Hex } = stored
    const written = await inTransaction(store, async (db) => {
      await holdKey(db, bucket.bucketId, key)
      const before = await findObject(db, bucket.bucketId, key)
      checkPosition(before, position)
      // Written anew meanwhile, with another key.
      if (before && before.meta.encryption?.wrapped !== stored.encryption?.wrapped) throw moved(before.bytes)
      const size = position + added
      if (size > maxPutBytes) throw objectError(errors.EntityTooLarge, { facts: { limit: maxPutBytes } })
      // Not the MD5 of the whole, which would have to be read for it.
      const etag = createHash('md5')
        .update(`${before?.etag ?? ''}${md5Hex}`)
        .digest('hex')
        .toUpperCase()
      const whole = { bytes: size, etag, crc64: joinCrc64(before?.crc64 ?? '0', crc64, added) }
      const segment = { offset: position, bytes: added, location }
      if (before) {
        refuseImmutable(context, before)
        await growObject(db, bucket.bucketId, before, { ...whole, at: context.clock.now() }, segment)
        return { ...whole, versionId: before.versionId }
      }
      const segmentSet = await insertSegments(db, added > 0 ? [segment] : [])
      const object = {
        ...withEncryption(facts, stored),
        ...whole,
        key,
        location: undefined,
        segmentSet,
        type: 'Appendable',
      } as const
      return { ...whole, ...(await writeObject(context, db, object, { forbidOverwrite: false })) }
    }).catch(async (error) => {
      await bytes.release([location])
      throw error
    })
    return {
      status: 200,
      headers: {
        etag: `"${written.etag}"`,
        'x-oss-next-append-position': String(written.bytes),
        'x-oss-hash-crc64ecma': written.crc64,
        ...encryptionHeaders(stored.encryption),
        ...versionHeader(context, written),
      },
    }
  },
})

/** @throws ObjectNotAppendable, PositionNotEqualToLength */
export function checkPosition(object: StoredObject | undefined, position: number): void {
  const isSealed = object?.meta.sealedAt !== undefined
  if (object && (object.type !== 'Appendable' || isSealed)) throw objectError(errors.ObjectNotAppendable)
  const length = object?.bytes ?? 0
  if (position === length) return
  throw moved(length)
}

function moved(length: number) {
  return objectError(errors.PositionNotEqualToLength, { headers: { 'x-oss-next-append-position': String(length) } })
}
