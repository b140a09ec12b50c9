import { onService } from '../operation.ts'
import { setPublicAccessBlock } from '../tables/accounts.ts'

export const DeletePublicAccessBlock = onService({
  name: 'DeletePublicAccessBlock',
  route: { method: 'DELETE', subresources: ['publicAccessBlock'] },
  permission: 'oss:DeletePublicAccessBlock',
  async run({ buckets, principal }) {
    await buckets.changeAll((db) => setPublicAccessBlock(db, principal.accountId, false))
    return { status: 204 }
  },
})
