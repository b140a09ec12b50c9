import { describeTags } from '../domain/tagging.ts'
import { getTarget, versionHeader } from '../find-target.ts'
import { onObject } from '../operation.ts'

export const GetObjectTagging = onObject({
  name: 'GetObjectTagging',
  route: { method: 'GET', subresources: ['tagging'] },
  permission: 'oss:GetObjectTagging',
  async run(context, request) {
    const object = await getTarget(context, request)
    return {
      status: 200,
      headers: versionHeader(context, object),
      body: { kind: 'xml', root: 'Tagging', value: describeTags(object.tags) },
    }
  },
})
