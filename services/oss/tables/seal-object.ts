import type { ObjectMeta } from '../domain/stored-object.ts'
import type { Queryable } from './buckets.ts'

/** Keeps what is known of the current version, whose key is held, with the time of its sealing. */
export async function sealObject(db: Queryable, bucketId: number, key: string, meta: ObjectMeta): Promise<void> {
  await db.query('update oss.objects set meta = $3 where bucket_id = $1 and key = $2', [
    bucketId,
    key,
    JSON.stringify(meta),
  ])
}
