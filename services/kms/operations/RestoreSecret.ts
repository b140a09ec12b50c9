import * as contract from '@pileus/contract/generated/kms'
import { write } from '../operation.ts'
import { getSecret } from '../secrets.ts'
import { updateSecret } from '../tables/secrets.ts'

/** Keeps a secret whose deletion was scheduled. */
export const RestoreSecret = write(contract.RestoreSecret, {
  permission: 'kms:RestoreSecret',
  resources: (request) => [`secret/${request.SecretName}`],
  places: 'nowhere',
  async run(ctx, request) {
    const secret = await getSecret(ctx, request.SecretName, 'update')
    await updateSecret(ctx.db, secret.secret_id, { delete_at: null })
    return { SecretName: secret.secret_name }
  },
})
