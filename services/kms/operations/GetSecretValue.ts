import * as contract from '@pileus/contract/generated/kms'
import { isoSeconds } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import { kmsErrors } from '../errors.ts'
import { requireKeyUse } from '../key-use.ts'
import { read } from '../operation.ts'
import { current, getSecret, openVersion, refuseDeletedSecret } from '../secrets.ts'
import { listSecretVersions } from '../tables/secrets.ts'

/** The value of a secret: of the version or the stage named, else of the current version. */
export const GetSecretValue = read(contract.GetSecretValue, {
  permission: 'kms:GetSecretValue',
  resources: (request) => [`secret/${request.SecretName}`],
  places: 'nowhere',
  async run(ctx, request) {
    const secret = await getSecret(ctx, request.SecretName)
    refuseDeletedSecret(secret)
    await requireKeyUse(ctx, secret, 'kms:Decrypt')
    const versions = await listSecretVersions(ctx.db, secret.secret_id)
    const { VersionId: id, VersionStage: stage = id ? undefined : current } = request
    const version = versions.find(
      (one) => (!id || one.version_id === id) && (stage === undefined || one.stages.includes(stage)),
    )
    if (!version) {
      const facts = { resource: 'secret version', name: `${id ?? ''} ${stage ?? ''}`.trim().slice(0, 256) }
      throw apiError(kmsErrors['Forbidden.ResourceNotFound'], facts)
    }
    return {
      SecretName: secret.secret_name,
      SecretType: 'Generic',
      SecretData: await openVersion(ctx, secret, version),
      SecretDataType: version.data_type,
      VersionId: version.version_id,
      VersionStages: { VersionStage: version.stages },
      CreateTime: isoSeconds(version.created_at),
      AutomaticRotation: 'Invalid',
    }
  },
})
