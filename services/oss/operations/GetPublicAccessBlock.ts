import { onService } from '../operation.ts'
import { findPublicAccessBlock } from '../tables/accounts.ts'

export const GetPublicAccessBlock = onService({
  name: 'GetPublicAccessBlock',
  route: { method: 'GET', subresources: ['publicAccessBlock'] },
  permission: 'oss:GetPublicAccessBlock',
  async run({ store, principal }) {
    const value = { BlockPublicAccess: await findPublicAccessBlock(store.pool, principal.accountId) }
    return { status: 200, body: { kind: 'xml', root: 'PublicAccessBlockConfiguration', value } }
  },
})
