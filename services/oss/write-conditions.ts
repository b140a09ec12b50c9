/** What must hold of a key before it is written: `x-oss-forbid-overwrite`, and in S3's dialect If-Match and If-None-Match. */

import type { IncomingHttpHeaders } from 'node:http'
import { ApiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { type ObjectRequest, objectError } from '@pileus/kernel/object-protocol'
import { matchesEtag } from './domain/conditions.ts'
import { header, invalid } from './domain/headers.ts'
import type { NewObject } from './domain/stored-object.ts'
import { errors } from './errors.ts'
import { forbidsOverwrite } from './object-facts.ts'
import type { BucketContext } from './operation.ts'
import type { Queryable } from './tables/buckets.ts'
import { findObject, holdKey } from './tables/objects.ts'
import { inTransaction } from './transaction.ts'
import { alreadyThere, writeObject } from './write-object.ts'

export interface WriteConditions {
  forbidOverwrite: boolean
  /** As `forbidOverwrite`, refused in the words of HTTP. */
  mustBeAbsent: boolean
  /** `If-Match`: the entity tag that the object must have, or `*`. */
  ifMatch: string | undefined
}

/** @throws InvalidArgument */
export function readWriteConditions(request: ObjectRequest): WriteConditions {
  const forbidOverwrite = forbidsOverwrite(request)
  if (request.dialect !== 's3') return { forbidOverwrite, mustBeAbsent: false, ifMatch: undefined }
  const ifNoneMatch = header(request.headers, 'if-none-match')
  if (ifNoneMatch !== undefined && ifNoneMatch.trim() !== '*') {
    throw invalid('If-None-Match', ifNoneMatch, say`If-None-Match of a write must be *.`)
  }
  const ifMatch = header(request.headers, 'if-match')
  return { forbidOverwrite, mustBeAbsent: ifNoneMatch !== undefined, ifMatch }
}

/** Headers without the conditions that `readWriteConditions` has read. */
export function withoutConditions({ dialect, headers }: ObjectRequest): IncomingHttpHeaders {
  if (dialect !== 's3') return headers
  const { 'if-match': _, 'if-none-match': __, ...rest } = headers
  return rest
}

/** Asks before the bytes travel; the write asks again. @throws FileAlreadyExists, PreconditionFailed, NoSuchKey */
export async function checkBefore({ store, bucket }: BucketContext, key: string, conditions: WriteConditions) {
  const { forbidOverwrite, mustBeAbsent, ifMatch } = conditions
  if (!forbidOverwrite && !mustBeAbsent && ifMatch === undefined) return
  const object = await findObject(store.pool, bucket.bucketId, key)
  if (object && mustBeAbsent) throw failed('If-None-Match')
  if (object && forbidOverwrite) throw alreadyThere(key)
  if (ifMatch !== undefined) checkEtag(object, key, ifMatch)
}

/**
 * Writes the row if the conditions hold.
 * @throws FileAlreadyExists, PreconditionFailed, NoSuchKey, NoSuchBucket, FileImmutable
 */
export function writeWhen(context: BucketContext, object: NewObject, conditions: WriteConditions) {
  if (conditions.ifMatch === undefined) return writeHeld(context, context.store.pool, object, conditions)
  return inTransaction(context.store, (db) => writeHeld(context, db, object, conditions))
}

/** The same within a transaction. */
export async function writeHeld(
  context: BucketContext,
  db: Queryable,
  object: NewObject,
  { forbidOverwrite, mustBeAbsent, ifMatch }: WriteConditions,
) {
  const { bucketId } = context.bucket
  if (ifMatch !== undefined) {
    await holdKey(db, bucketId, object.key)
    checkEtag(await findObject(db, bucketId, object.key), object.key, ifMatch)
  }
  try {
    return await writeObject(context, db, object, { forbidOverwrite: forbidOverwrite || mustBeAbsent })
  } catch (error) {
    if (mustBeAbsent && error instanceof ApiError && error.code === errors.FileAlreadyExists.code) {
      throw failed('If-None-Match')
    }
    throw error
  }
}

function checkEtag(object: { etag: string } | undefined, key: string, ifMatch: string): void {
  if (!object) throw objectError(errors.NoSuchKey, { details: { Key: key } })
  if (!matchesEtag(ifMatch, object.etag)) throw failed('If-Match')
}

function failed(Condition: string) {
  return objectError(errors.PreconditionFailed, { details: { Condition } })
}
