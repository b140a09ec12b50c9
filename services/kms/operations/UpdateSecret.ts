import * as contract from '@pileus/contract/generated/kms'
import { parseDescription } from '../domain/parameters.ts'
import { write } from '../operation.ts'
import { getSecret, refuseDeletedSecret } from '../secrets.ts'
import { updateSecret } from '../tables/secrets.ts'

/** Changes what is said about a secret. */
export const UpdateSecret = write(contract.UpdateSecret, {
  permission: 'kms:UpdateSecret',
  resources: (request) => [`secret/${request.SecretName}`],
  places: 'nowhere',
  async run(ctx, request) {
    const secret = await getSecret(ctx, request.SecretName, 'update')
    refuseDeletedSecret(secret)
    const { Description: description } = request
    if (description !== undefined) {
      const change = { description: parseDescription(description), updated_at: ctx.clock.now() }
      await updateSecret(ctx.db, secret.secret_id, change)
    }
    return { SecretName: secret.secret_name }
  },
})
