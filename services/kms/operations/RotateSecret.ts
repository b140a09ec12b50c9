import * as contract from '@pileus/contract/generated/kms'
import { apiError } from '@pileus/kernel/errors'
import { kmsErrors } from '../errors.ts'
import { write } from '../operation.ts'
import { getSecret } from '../secrets.ts'

/** Only secrets that a product manages rotate by themselves, and there are none here. */
export const RotateSecret = write(contract.RotateSecret, {
  permission: 'kms:RotateSecret',
  resources: (request) => [`secret/${request.SecretName}`],
  places: 'nowhere',
  async run(ctx, request) {
    const secret = await getSecret(ctx, request.SecretName)
    const reason = `the secret ${secret.secret_name} is of type Generic; put a new value with PutSecretValue.`
    throw apiError(kmsErrors.UnsupportedOperation, { reason })
  },
})
