import * as contract from '@pileus/contract/generated/kms'
import { read } from '../operation.ts'
import { getSecret } from '../secrets.ts'

/** Secrets have no policies of their own here: identity policies alone decide. */
export const GetSecretPolicy = read(contract.GetSecretPolicy, {
  permission: 'kms:GetSecretPolicy',
  resources: (request) => [`secret/${request.SecretName}`],
  places: 'nowhere',
  async run(ctx, request) {
    await getSecret(ctx, request.SecretName)
    return { Policy: '' }
  },
})
