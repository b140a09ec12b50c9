import { onBucket } from '../operation.ts'
import { removeInventory } from '../tables/inventories.ts'

/** Answers 204 also when there was none. Lists that were written stay. */
export const DeleteBucketInventory = onBucket({
  name: 'DeleteBucketInventory',
  route: { method: 'DELETE', subresources: ['inventory', 'inventoryId'] },
  permission: 'oss:DeleteBucketInventory',
  async run({ store, bucket }, { query }) {
    await removeInventory(store.pool, bucket.bucketId, query.get('inventoryId') ?? '')
    return { status: 204 }
  },
})
