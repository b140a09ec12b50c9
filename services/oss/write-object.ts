/** The last step of every write: the row. */
import { objectError } from '@pileus/kernel/object-protocol'
import type { NewObject } from './domain/stored-object.ts'
import { newVersionId } from './domain/version-id.ts'
import { errors } from './errors.ts'
import { unlessImmutable } from './immutable.ts'
import type { BucketContext } from './operation.ts'
import type { Queryable } from './tables/buckets.ts'
import { putObject } from './tables/objects.ts'

/**
 * Makes `object` the current version of its key and answers its version id, undefined for the null version.
 * @throws NoSuchBucket, FileAlreadyExists, FileImmutable
 */
export async function writeObject(
  context: Pick<BucketContext, 'store' | 'bucket' | 'clock'>,
  db: Queryable,
  object: NewObject,
  how: { forbidOverwrite: boolean },
): Promise<{ versionId: string | undefined; at: Date }> {
  const { bucket, clock } = context
  const at = clock.now()
  const put = await unlessImmutable(context, { key: object.key, db }, (held) =>
    putObject(held, bucket.bucketId, object, { at, versionId: newVersionId(), ...how }),
  )
  if (put.outcome === 'gone') throw objectError(errors.NoSuchBucket, { details: { BucketName: bucket.name } })
  if (put.outcome === 'exists') throw alreadyThere(object.key)
  return { versionId: put.versionId, at }
}

export function alreadyThere(key: string) {
  return objectError(errors.FileAlreadyExists, { details: { Key: key } })
}
