import { allowOnly } from '../domain/xml.ts'
import { getFlag } from '../domain/xml-values.ts'
import { onService } from '../operation.ts'
import { setPublicAccessBlock } from '../tables/accounts.ts'

/** Closes all buckets of the account to strangers, or leaves it to each. */
export const PutPublicAccessBlock = onService({
  name: 'PutPublicAccessBlock',
  route: { method: 'PUT', subresources: ['publicAccessBlock'] },
  permission: 'oss:PutPublicAccessBlock',
  async run({ buckets, principal }, request) {
    const root = await request.readXml('PublicAccessBlockConfiguration')
    allowOnly(root, 'BlockPublicAccess')
    const isBlocked = getFlag(root, 'BlockPublicAccess')
    await buckets.changeAll((db) => setPublicAccessBlock(db, principal.accountId, isBlocked))
    return { status: 200 }
  },
})
