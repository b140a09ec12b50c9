import * as contract from '@pileus/contract/generated/kms'
import { parseStages } from '../domain/secret-parameters.ts'
import { requireKeyUse } from '../key-use.ts'
import { write } from '../operation.ts'
import { getSecret, parseSecretValue, putVersion, refuseDeletedSecret } from '../secrets.ts'
import { updateSecret } from '../tables/secrets.ts'

/** Adds a version, which is current unless VersionStages says otherwise. */
export const PutSecretValue = write(contract.PutSecretValue, {
  permission: 'kms:PutSecretValue',
  resources: (request) => [`secret/${request.SecretName}`],
  places: (_request, regionId) => regionId,
  async run(ctx, request) {
    const value = parseSecretValue(request)
    const stages = parseStages(request.VersionStages)
    const secret = await getSecret(ctx, request.SecretName, 'update')
    refuseDeletedSecret(secret)
    await requireKeyUse(ctx, secret, 'kms:GenerateDataKey')
    const at = ctx.clock.now()
    await putVersion(ctx, secret, value, stages, at)
    await updateSecret(ctx.db, secret.secret_id, { updated_at: at })
    return {
      SecretName: secret.secret_name,
      VersionId: value.versionId,
      VersionStages: { VersionStage: stages },
    }
  },
})
