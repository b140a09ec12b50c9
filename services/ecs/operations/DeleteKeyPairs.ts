import * as contract from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { removeTags } from '@pileus/kernel/tags'
import { namedInJson, parseJsonList } from '../domain/id-lists.ts'
import { errors } from '../errors.ts'
import { write } from '../operation.ts'
import { findUserOfKeyPair } from '../tables/instances.ts'
import { removeKeyPairs } from '../tables/key-pairs.ts'

/** Deletes all of them, or none when an instance uses one. Names that do not exist do no harm. */
export const DeleteKeyPairs = write(contract.DeleteKeyPairs, {
  permission: 'ecs:DeleteKeyPairs',
  resources: (request) => namedInJson(request.KeyPairNames).map((name) => `keypair/${name}`),
  places: 'nowhere',
  async run(ctx, request) {
    const names = parseJsonList('KeyPairNames', request.KeyPairNames)
    if (!names?.length) throw apiError(commonErrors.MissingParameter, { parameter: 'KeyPairNames' })
    // Whoever attaches one holds its row: once it is ours, its users are known.
    const removed = await removeKeyPairs(ctx.db, ctx, names)
    for (const { name } of removed) {
      const instanceId = await findUserOfKeyPair(ctx.db, ctx, name)
      if (instanceId === undefined) continue
      throw apiError(errors['InvalidParameter.KeypairAlreadyAttachedInstance'], { name, instanceId })
    }
    const ids = removed.map((row) => row.id)
    await removeTags(ctx.db, { product: 'ecs', resourceType: 'keypair' }, ids, 'all')
    return {}
  },
})
