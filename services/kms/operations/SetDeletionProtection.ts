import * as contract from '@pileus/contract/generated/kms'
import { say } from '@pileus/kernel/messages/text'
import { invalid } from '../domain/parameters.ts'
import { getKey, refusePendingDeletion, refuseServiceKey } from '../keys.ts'
import { write } from '../operation.ts'
import { updateKey } from '../tables/keys.ts'

/** While it is on, nobody can schedule the deletion of the key. */
export const SetDeletionProtection = write(contract.SetDeletionProtection, {
  permission: 'kms:SetDeletionProtection',
  resources: (request) => [request.ProtectedResourceArn ?? '*'],
  places: 'nowhere',
  async run(ctx, request) {
    const arn = request.ProtectedResourceArn ?? ''
    const match = /^acs:kms:([^:]*):(\d+):key\/(.+)$/.exec(arn)
    if (!match) throw invalid('ProtectedResourceArn', say`it must be the ARN of a key.`)
    const key = await getKey(ctx, arn, { lock: 'update' })
    refuseServiceKey(key)
    refusePendingDeletion(key)
    await updateKey(ctx.db, key.key_id, {
      is_protected: request.EnableDeletionProtection,
      protection_note: request.EnableDeletionProtection
        ? (request.DeletionProtectionDescription ?? '').slice(0, 512)
        : '',
    })
    return {}
  },
})
