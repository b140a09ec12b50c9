import { randomUUID } from 'node:crypto'
import * as contract from '@pileus/contract/generated/kms'
import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { parseTags, setTags } from '@pileus/kernel/tags'
import { parseDescription, parseTagList } from '../domain/parameters.ts'
import { refuseManaged } from '../domain/secret-parameters.ts'
import { kmsErrors } from '../errors.ts'
import { requireKeyUse } from '../key-use.ts'
import { write } from '../operation.ts'
import { current, findEncryptionKey, parseSecretName, parseSecretValue, putVersion, secretArn } from '../secrets.ts'
import { insertSecret } from '../tables/secrets.ts'
import { secretTags } from '../tagging.ts'

/** Makes a secret with its first version, which is current. */
export const CreateSecret = write(contract.CreateSecret, {
  permission: 'kms:CreateSecret',
  resources: (request) => [`secret/${request.SecretName}`],
  places: (_request, regionId) => regionId,
  async run(ctx, request) {
    const secretName = parseSecretName(request.SecretName)
    const value = parseSecretValue(request)
    const description = parseDescription(request.Description)
    const tags = parseTags(parseTagList(request.Tags))
    refuseManaged(request)
    if (request.Policy) throw apiError(kmsErrors.UnsupportedOperation, { reason: say`secrets have no policies here.` })
    const at = ctx.clock.now()
    const secret = {
      secret_id: randomUUID(),
      account_id: ctx.accountId,
      region_id: ctx.regionId,
      secret_name: secretName,
      encryption_key_id: await findEncryptionKey(ctx, request.EncryptionKeyId),
      description,
      policy: null,
      delete_at: null,
      created_at: at,
      updated_at: at,
    }
    await requireKeyUse(ctx, secret, 'kms:GenerateDataKey')
    if (!(await insertSecret(ctx.db, secret))) {
      throw apiError(kmsErrors['Rejected.ResourceExist'], { resource: 'secret', name: secretName })
    }
    await putVersion(ctx, secret, value, [current], at)
    await setTags(ctx.db, secretTags(ctx), [secret.secret_id], tags)
    return {
      Arn: secretArn(secret),
      SecretName: secretName,
      SecretType: 'Generic',
      VersionId: value.versionId,
      AutomaticRotation: 'Invalid',
    }
  },
})
