import * as contract from '@pileus/contract/generated/kms'
import { isoSeconds } from '@pileus/kernel/clock'
import { say } from '@pileus/kernel/messages/text'
import { removeTags } from '@pileus/kernel/tags'
import { invalid, isTrue } from '../domain/parameters.ts'
import { write } from '../operation.ts'
import { getSecret, refuseDeletedSecret } from '../secrets.ts'
import { deleteSecret, updateSecret } from '../tables/secrets.ts'
import { secretTags } from '../tagging.ts'

/** Deletes a secret after 7 to 30 days, or at once when that is asked for. */
export const DeleteSecret = write(contract.DeleteSecret, {
  permission: 'kms:DeleteSecret',
  resources: (request) => [`secret/${request.SecretName}`],
  places: 'nowhere',
  async run(ctx, request) {
    const secret = await getSecret(ctx, request.SecretName, 'update')
    const isAtOnce = isTrue(request.ForceDeleteWithoutRecovery)
    const days = Number(request.RecoveryWindowInDays || 30)
    if (!isAtOnce && (!Number.isInteger(days) || days < 7 || days > 30)) {
      throw invalid('RecoveryWindowInDays', say`it must be 7 to 30, and is "${request.RecoveryWindowInDays}".`)
    }
    if (isAtOnce) {
      await deleteSecret(ctx.db, secret.secret_id)
      await removeTags(ctx.db, secretTags(ctx), [secret.secret_id], 'all')
      return { SecretName: secret.secret_name, PlannedDeleteTime: isoSeconds(ctx.clock.now()) }
    }
    refuseDeletedSecret(secret)
    const deleteAt = new Date(ctx.clock.now().getTime() + days * 86_400_000)
    await updateSecret(ctx.db, secret.secret_id, { delete_at: deleteAt })
    return { SecretName: secret.secret_name, PlannedDeleteTime: isoSeconds(deleteAt) }
  },
})
