import * as contract from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { oneOf } from '../domain/plan-instances.ts'
import { write } from '../operation.ts'
import { lockInstance, updateInstance } from '../tables/instances.ts'
import { wakeMachines } from '../wake-machines.ts'

export const ModifyInstanceMetadataOptions = write(contract.ModifyInstanceMetadataOptions, {
  permission: 'ecs:ModifyInstanceMetadataOptions',
  resources: (request) => [`instance/${request.InstanceId ?? '*'}`],
  places: 'nowhere',
  async run(ctx, request) {
    if (!request.InstanceId) throw apiError(commonErrors.MissingParameter, { parameter: 'InstanceId' })
    const hopLimit = request.HttpPutResponseHopLimit
    if (hopLimit !== undefined && (!Number.isInteger(hopLimit) || hopLimit < 1 || hopLimit > 64)) {
      throw apiError(commonErrors.InvalidParameter, {
        parameter: 'HttpPutResponseHopLimit',
        reason: say`it must be an integer from 1 to 64, and is ${hopLimit}.`,
      })
    }
    const row = await lockInstance(ctx.db, ctx, request.InstanceId)
    await updateInstance(ctx.db, row.id, {
      http_endpoint: oneOf('HttpEndpoint', request.HttpEndpoint || row.http_endpoint, ['enabled', 'disabled']),
      http_tokens: oneOf('HttpTokens', request.HttpTokens || row.http_tokens, ['optional', 'required']),
      http_hop_limit: hopLimit ?? row.http_hop_limit,
    })
    await wakeMachines(ctx, [row.pool_id])
    return {}
  },
})
