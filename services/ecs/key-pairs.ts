import { apiError } from '@pileus/kernel/errors'
import { newResourceId } from '@pileus/kernel/ids'
import { setTags, type Tag } from '@pileus/kernel/tags'
import { checkKeyPairName, maxKeyPairs } from './domain/key-pairs.ts'
import { errors } from './errors.ts'
import type { EcsContext } from './operation.ts'
import { countKeyPairs, insertKeyPair } from './tables/key-pairs.ts'

/** Keeps the public half of a key pair and answers its id. @throws KeyPair.AlreadyExist, QuotaExceeded.KeyPair */
export async function keepKeyPair(
  ctx: EcsContext,
  pair: {
    name: string
    publicKey: string
    fingerprint: string
    resourceGroupId: string | undefined
    tags: readonly Tag[]
  },
): Promise<string> {
  checkKeyPairName(pair.name)
  if ((await countKeyPairs(ctx.db, ctx)) >= maxKeyPairs) {
    throw apiError(errors['QuotaExceeded.KeyPair'], { limit: maxKeyPairs })
  }
  const id = newResourceId('ssh')
  await insertKeyPair(ctx.db, {
    id,
    account_id: ctx.accountId,
    region_id: ctx.regionId,
    name: pair.name,
    fingerprint: pair.fingerprint,
    public_key: pair.publicKey,
    resource_group_id: pair.resourceGroupId ?? '',
    created_at: ctx.clock.now(),
  })
  const owner = { accountId: ctx.accountId, regionId: ctx.regionId, product: 'ecs', resourceType: 'keypair' }
  await setTags(ctx.db, owner, [id], pair.tags)
  return id
}
