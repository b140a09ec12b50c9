import type { StoredObject } from './domain/stored-object.ts'
import type { KeyContext } from './operation.ts'
import { findReplicationStatus } from './tables/replication.ts'

/** How far an object of a replicated bucket has come; nothing, and at no cost, in others. */
export async function replicationHeader(
  { store, bucket }: Pick<KeyContext, 'store' | 'bucket'>,
  object: StoredObject,
): Promise<Record<string, string>> {
  if (!bucket.settings.isReplicated || object.meta.isReplica) return {}
  const status = await findReplicationStatus(store.pool, bucket.bucketId, object)
  return status === undefined ? {} : { 'x-oss-replication-status': status }
}
