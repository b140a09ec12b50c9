import * as contract from '@pileus/contract/generated/kms'
import { listTags } from '@pileus/kernel/tags'
import { isTrue } from '../domain/parameters.ts'
import { read } from '../operation.ts'
import { describeSecret, describeTags, getSecret, secretArn } from '../secrets.ts'
import { secretTags } from '../tagging.ts'

/** Everything about a secret but its values. */
export const DescribeSecret = read(contract.DescribeSecret, {
  permission: 'kms:DescribeSecret',
  resources: (request) => [`secret/${request.SecretName}`],
  places: 'nowhere',
  async run(ctx, request) {
    const secret = await getSecret(ctx, request.SecretName)
    const ids = [secret.secret_id]
    const tags = isTrue(request.FetchTags) ? await listTags(ctx.db, secretTags(ctx), ids) : undefined
    return {
      ...describeSecret(secret),
      Arn: secretArn(secret),
      Description: secret.description,
      EncryptionKeyId: secret.encryption_key_id ?? '',
      AutomaticRotation: 'Invalid',
      ...(tags ? { Tags: describeTags(tags.get(secret.secret_id)) } : {}),
    }
  },
})
