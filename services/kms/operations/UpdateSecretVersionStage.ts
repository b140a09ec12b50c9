import * as contract from '@pileus/contract/generated/kms'
import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { invalid } from '../domain/parameters.ts'
import { parseStages } from '../domain/secret-parameters.ts'
import { kmsErrors } from '../errors.ts'
import { write } from '../operation.ts'
import { current, getSecret, moveStages, refuseDeletedSecret } from '../secrets.ts'
import { listSecretVersions, setStages } from '../tables/secrets.ts'

/** Moves a stage from one version of a secret to another. */
export const UpdateSecretVersionStage = write(contract.UpdateSecretVersionStage, {
  permission: 'kms:UpdateSecretVersionStage',
  resources: (request) => [`secret/${request.SecretName}`],
  places: 'nowhere',
  async run(ctx, request) {
    const [stage] = parseStages(JSON.stringify([request.VersionStage]))
    const { RemoveFromVersion: from, MoveToVersion: to } = request
    const secret = await getSecret(ctx, request.SecretName, 'update')
    refuseDeletedSecret(secret)
    const versions = await listSecretVersions(ctx.db, secret.secret_id)
    for (const id of [from, to]) {
      if (!id || versions.some((version) => version.version_id === id)) continue
      const facts = { resource: 'secret version', name: id.slice(0, 256) }
      throw apiError(kmsErrors['Forbidden.ResourceNotFound'], facts)
    }
    const holder = versions.find((version) => version.stages.includes(stage!))
    if (from && holder?.version_id !== from)
      throw invalid('RemoveFromVersion', say`it does not have the stage "${stage}".`)
    if (!to && stage === current) throw invalid('MoveToVersion', say`a secret always has a current version.`)
    if (to && holder && !from)
      throw invalid('RemoveFromVersion', say`the stage is that of ${holder.version_id}; name it.`)
    if (to) await moveStages(ctx, secret, to, [stage!])
    else if (holder) {
      const kept = holder.stages.filter((one) => one !== stage)
      await setStages(ctx.db, secret.secret_id, holder.version_id, kept)
    } else throw invalid('MoveToVersion', say`name the version that gets the stage.`)
    return { SecretName: secret.secret_name }
  },
})
