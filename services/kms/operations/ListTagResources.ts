import * as contract from '@pileus/contract/generated/kms'
import { read } from '../operation.ts'
import { listTagged } from '../tagging.ts'

/** Tags of keys or secrets, by resource and by tag, a page at a time. */
export const ListTagResources = read(contract.ListTagResources, {
  permission: 'kms:ListTagResources',
  resources: (request) => [`${request.ResourceType}/*`],
  places: 'nowhere',
  async run(ctx, request) {
    return await listTagged(ctx, request)
  },
})
