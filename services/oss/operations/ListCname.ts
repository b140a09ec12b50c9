import { xmlTime } from '../domain/times.ts'
import { onBucket } from '../operation.ts'
import { listCnames } from '../tables/cnames.ts'

export const ListCname = onBucket({
  name: 'ListCname',
  route: { method: 'GET', subresources: ['cname'] },
  permission: 'oss:ListCname',
  async run({ store, bucket }) {
    const cnames = await listCnames(store.pool, bucket.bucketId)
    const value = {
      Bucket: bucket.name,
      Owner: bucket.accountId,
      Cname: cnames.map(({ domain, modifiedAt }) => ({
        Domain: domain,
        LastModified: xmlTime(modifiedAt),
        Status: 'Enabled',
      })),
    }
    return { status: 200, body: { kind: 'xml', root: 'ListCnameResult', value } }
  },
})
