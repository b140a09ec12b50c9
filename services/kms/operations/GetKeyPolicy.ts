import * as contract from '@pileus/contract/generated/kms'
import { defaultKeyPolicy, requireDefaultName } from '../domain/key-policy.ts'
import { keyResource } from '../domain/key-ref.ts'
import { getKey } from '../keys.ts'
import { read } from '../operation.ts'

/** The policy of a key; one that hands all to its account when none was set. */
export const GetKeyPolicy = read(contract.GetKeyPolicy, {
  permission: 'kms:GetKeyPolicy',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    requireDefaultName(request.PolicyName)
    const key = await getKey(ctx, request.KeyId)
    return { Policy: key.policy ?? defaultKeyPolicy(key.account_id) }
  },
})
