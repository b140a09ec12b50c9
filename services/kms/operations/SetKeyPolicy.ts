import * as contract from '@pileus/contract/generated/kms'
import { compileKeyPolicy, requireDefaultName } from '../domain/key-policy.ts'
import { keyResource } from '../domain/key-ref.ts'
import { getKey, refuseServiceKey } from '../keys.ts'
import { write } from '../operation.ts'
import { updateKey } from '../tables/keys.ts'

/** Says who may use the key besides what identity policies say. */
export const SetKeyPolicy = write(contract.SetKeyPolicy, {
  permission: 'kms:SetKeyPolicy',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    requireDefaultName(request.PolicyName)
    const key = await getKey(ctx, request.KeyId, { lock: 'update' })
    refuseServiceKey(key)
    compileKeyPolicy(ctx.judge, request.Policy)
    await updateKey(ctx.db, key.key_id, { policy: request.Policy })
    return {}
  },
})
