import { errorCatalogue } from '@pileus/kernel/errors'
import { objectError } from '@pileus/kernel/object-protocol'
import { describeInventory } from '../domain/inventory.ts'
import { onBucket } from '../operation.ts'
import { listInventories } from '../tables/inventories.ts'

const pageSize = 100

/** As for one inventory, where the whole list is empty. */
const none = errorCatalogue({ NoSuchInventory: [404, 'The bucket has no inventory.'] })

/** Pages of 100, by id. @throws NoSuchInventory when there is none */
export const ListBucketInventory = onBucket({
  name: 'ListBucketInventory',
  route: { method: 'GET', subresources: ['inventory'] },
  permission: 'oss:GetBucketInventory',
  async run({ store, bucket }, { query }) {
    const after = query.get('continuation-token') ?? ''
    const found = await listInventories(store.pool, bucket.bucketId, after, pageSize + 1)
    if (found.length === 0 && after === '') throw objectError(none.NoSuchInventory)
    const page = found.slice(0, pageSize)
    const isTruncated = found.length > pageSize
    const value = {
      InventoryConfiguration: page.map(describeInventory),
      IsTruncated: isTruncated,
      ContinuationToken: after === '' ? undefined : after,
      NextContinuationToken: isTruncated ? page.at(-1)?.id : undefined,
    }
    return { status: 200, body: { kind: 'xml', root: 'ListInventoryConfigurationsResult', value } }
  },
})
