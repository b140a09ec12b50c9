import { objectError } from '@pileus/kernel/object-protocol'
import { describeInventory } from '../domain/inventory.ts'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { findInventory } from '../tables/inventories.ts'

export const GetBucketInventory = onBucket({
  name: 'GetBucketInventory',
  route: { method: 'GET', subresources: ['inventory', 'inventoryId'] },
  permission: 'oss:GetBucketInventory',
  async run({ store, bucket }, { query }) {
    const id = query.get('inventoryId') ?? ''
    const inventory = await findInventory(store.pool, bucket.bucketId, id)
    if (!inventory) throw objectError(errors.NoSuchInventory, { facts: { id: id.slice(0, 64) } })
    return { status: 200, body: { kind: 'xml', root: 'InventoryConfiguration', value: describeInventory(inventory) } }
  },
})
