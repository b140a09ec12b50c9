import * as contract from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { namedInJson, parseJsonList } from '../domain/id-lists.ts'
import { write } from '../operation.ts'
import { lockInstances, updateInstance } from '../tables/instances.ts'
import { holdKeyPair } from '../tables/key-pairs.ts'
import { wakeMachines } from '../wake-machines.ts'

/** Guests find the new key in their metadata at once, and install it when they boot. */
export const AttachKeyPair = write(contract.AttachKeyPair, {
  permission: 'ecs:AttachKeyPair',
  resources: (request) => [
    `keypair/${request.KeyPairName}`,
    ...namedInJson(request.InstanceIds).map((id) => `instance/${id}`),
  ],
  places: 'nowhere',
  async run(ctx, request) {
    const ids = parseJsonList('InstanceIds', request.InstanceIds, 50)
    if (!ids?.length) throw apiError(commonErrors.MissingParameter, { parameter: 'InstanceIds' })
    await holdKeyPair(ctx.db, ctx, request.KeyPairName)
    const rows = await lockInstances(ctx.db, ctx, ids)
    for (const row of rows) await updateInstance(ctx.db, row.id, { key_pair_name: request.KeyPairName })
    await wakeMachines(
      ctx,
      rows.map((row) => row.pool_id),
    )
    return {
      KeyPairName: request.KeyPairName,
      TotalCount: String(rows.length),
      FailCount: '0',
      Results: {
        Result: rows.map((row) => ({ InstanceId: row.id, Success: 'true', Code: '200', Message: 'successful' })),
      },
    }
  },
})
