import { getTarget, versionHeader } from '../find-target.ts'
import { onObject } from '../operation.ts'

export const GetObjectAcl = onObject({
  name: 'GetObjectAcl',
  route: { method: 'GET', subresources: ['acl'] },
  permission: 'oss:GetObjectAcl',
  async run(context, request) {
    const object = await getTarget(context, request)
    const owner = { ID: context.bucket.accountId, DisplayName: context.bucket.accountId }
    const value = { Owner: owner, AccessControlList: { Grant: object.acl ?? 'default' } }
    return {
      status: 200,
      headers: versionHeader(context, object),
      body: { kind: 'xml', root: 'AccessControlPolicy', value },
    }
  },
})
