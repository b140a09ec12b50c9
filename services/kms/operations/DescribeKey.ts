import * as contract from '@pileus/contract/generated/kms'
import { keyResource } from '../domain/key-ref.ts'
import { describeKey, getKey } from '../keys.ts'
import { read } from '../operation.ts'

/** Everything about a key but its material. */
export const DescribeKey = read(contract.DescribeKey, {
  permission: 'kms:DescribeKey',
  resources: (request) => [keyResource(request.KeyId)],
  places: 'nowhere',
  async run(ctx, request) {
    const key = await getKey(ctx, request.KeyId, { shared: true })
    return {
      KeyMetadata: {
        ...describeKey(key),
        DeletionProtection: key.is_protected ? 'Enabled' : 'Disabled',
        DeletionProtectionDescription: key.protection_note,
      },
    }
  },
})
