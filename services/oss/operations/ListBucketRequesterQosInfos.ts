import { describeQos } from '../domain/qos.ts'
import { onBucket } from '../operation.ts'

const maxPage = 100

/** By the requesters' ids; a token is the last id of the page before. */
export const ListBucketRequesterQosInfos = onBucket({
  name: 'ListBucketRequesterQosInfos',
  route: { method: 'GET', subresources: ['requesterQosInfo'] },
  permission: 'oss:ListBucketRequesterQosInfos',
  async run({ bucket }, { query }) {
    const token = query.get('continuation-token') ?? ''
    const wanted = Number(query.get('max-keys') || maxPage)
    const limit = wanted >= 1 && wanted <= maxPage ? Math.floor(wanted) : maxPage
    const all = Object.entries(bucket.settings.requesterQos ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
    const rest = all.filter(([uid]) => uid > token)
    const page = rest.slice(0, limit)
    const isTruncated = rest.length > limit
    const value = {
      Bucket: bucket.name,
      ContinuationToken: token,
      NextContinuationToken: isTruncated ? page.at(-1)![0] : '',
      IsTruncated: isTruncated,
      RequesterQoSInfo: page.map(([uid, qos]) => ({ Requester: uid, QoSConfiguration: describeQos(qos) })),
    }
    return { status: 200, body: { kind: 'xml', root: 'ListBucketRequesterQoSInfosResult', value } }
  },
})
