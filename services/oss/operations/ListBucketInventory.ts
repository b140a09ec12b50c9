import { describeInventory } from '../domain/inventory.ts'
import { onBucket } from '../operation.ts'
import { listInventories } from '../tables/inventories.ts'

const pageSize = 100

/** Pages of 100, by id. */
export const ListBucketInventory = onBucket({
  name: 'ListBucketInventory',
  route: { method: 'GET', subresources: ['inventory'] },
  permission: 'oss:GetBucketInventory',
  async run({ store, bucket }, { query }) {
    const after = query.get('continuation-token') ?? ''
    const found = await listInventories(store.pool, bucket.bucketId, after, pageSize + 1)
    const page = found.slice(0, pageSize)
    const isTruncated = found.length > pageSize
    const value = {
      InventoryConfiguration: page.map(describeInventory),
      IsTruncated: isTruncated,
      NextContinuationToken: isTruncated ? page.at(-1)?.id : undefined,
    }
    return { status: 200, body: { kind: 'xml', root: 'ListInventoryConfigurationsResult', value } }
  },
})
