/** What retention forbids, asked by everything that deletes or overwrites a version. */
import { objectError } from '@pileus/kernel/object-protocol'
import type { StoredObject } from './domain/stored-object.ts'
import { headerTime } from './domain/times.ts'
import { currentWorm, retainedUntil } from './domain/worm.ts'
import { errors } from './errors.ts'
import type { BucketContext } from './operation.ts'
import type { Queryable } from './tables/buckets.ts'
import { findObject, findVersion, holdKey } from './tables/objects.ts'
import { inTransaction } from './transaction.ts'

type Context = Pick<BucketContext, 'store' | 'bucket' | 'clock'>

/** @throws FileImmutable when this version may be neither deleted nor changed now */
export function refuseImmutable(
  { bucket, clock }: Pick<Context, 'bucket' | 'clock'>,
  object: Pick<StoredObject, 'key' | 'modifiedAt' | 'isMarker'>,
): void {
  const until = object.isMarker ? undefined : retainedUntil(bucket.settings.worm, object.modifiedAt, clock.now())
  if (!until) return
  throw objectError(errors.FileImmutable, { facts: { until: headerTime(until) }, details: { Key: object.key } })
}

/** Whether the bucket keeps anything unchanged at present, so that deletions and overwriting have to ask. */
export function keepsObjects({ bucket, clock }: Pick<Context, 'bucket' | 'clock'>): boolean {
  return currentWorm(bucket.settings.worm, clock.now()) !== undefined
}

/**
 * Runs `destroy`, which overwrites or deletes a key or deletes one version of it, unless retention forbids that. In
 * buckets without retention it costs nothing. `db` is a transaction that is open already.
 * @throws FileImmutable
 */
export async function unlessImmutable<T>(
  context: Context,
  target: { key: string; version?: { id: string | undefined } | undefined; db?: Queryable | undefined },
  destroy: (db: Queryable) => Promise<T>,
): Promise<T> {
  const { store, bucket } = context
  if (!keepsObjects(context)) return destroy(target.db ?? store.pool)
  const guarded = async (db: Queryable): Promise<T> => {
    await holdKey(db, bucket.bucketId, target.key)
    const victim = await findVictim(context, db, target)
    if (victim) refuseImmutable(context, victim)
    return destroy(db)
  }
  return target.db && target.db !== store.pool ? guarded(target.db) : inTransaction(store, guarded)
}

/** The version that would be lost; with versioning, a write or a marker loses none but the null version. */
async function findVictim(
  { bucket }: Context,
  db: Queryable,
  { key, version }: { key: string; version?: { id: string | undefined } | undefined },
): Promise<StoredObject | undefined> {
  if (version) return findVersion(db, bucket.bucketId, key, version.id)
  if (bucket.versioning === undefined) return findObject(db, bucket.bucketId, key)
  return bucket.versioning === 'Enabled' ? undefined : findVersion(db, bucket.bucketId, key, undefined)
}
