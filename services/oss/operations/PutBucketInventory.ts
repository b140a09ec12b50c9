import { objectError } from '@pileus/kernel/object-protocol'
import { readInventory, roleNameOf } from '../domain/inventory.ts'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { requirePassRole } from '../service-roles.ts'
import { countInventories, insertInventory } from '../tables/inventories.ts'

const maxInventories = 1000

/** Lists go to a bucket of the same account and region; `reconcilers/inventory.ts` writes them as the role may. */
export const PutBucketInventory = onBucket({
  name: 'PutBucketInventory',
  route: { method: 'PUT', subresources: ['inventory', 'inventoryId'] },
  permission: 'oss:PutBucketInventory',
  async run(context, request) {
    const { store, buckets, bucket } = context
    const root = await request.readXml('InventoryConfiguration')
    const inventory = readInventory(root, request.query.get('inventoryId') ?? '')
    const target = await buckets.find(inventory.targetBucket)
    if (target?.accountId !== bucket.accountId || inventory.accountId !== bucket.accountId) {
      const reason = `The destination must be a bucket of this account, with its AccountId ${bucket.accountId}.`
      throw objectError(errors.InvalidArgument, { facts: { reason } })
    }
    if (target.regionId !== bucket.regionId) {
      const reason = `The destination must be in ${bucket.regionId}, as the bucket is.`
      throw objectError(errors.InvalidArgument, { facts: { reason } })
    }
    await requirePassRole(context, request, roleNameOf(inventory))
    if ((await countInventories(store.pool, bucket.bucketId)) >= maxInventories) {
      throw objectError(errors.InventoryExceedLimit, { facts: { limit: maxInventories } })
    }
    if (!(await insertInventory(store.pool, bucket.bucketId, inventory))) {
      throw objectError(errors.InventoryAlreadyExist, { facts: { id: inventory.id } })
    }
    return { status: 200 }
  },
})
