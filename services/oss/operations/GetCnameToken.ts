import { objectError } from '@pileus/kernel/object-protocol'
import type { Bucket } from '../domain/bucket.ts'
import { readDomain } from '../domain/cname.ts'
import { headerTime } from '../domain/times.ts'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { type CnameToken, findCnameToken } from '../tables/cnames.ts'

export const GetCnameToken = onBucket({
  name: 'GetCnameToken',
  route: { method: 'GET', subresources: ['cname', 'comp=token'] },
  permission: 'oss:GetCnameToken',
  async run({ store, bucket, clock }, { query }) {
    const domain = readDomain(query.get('cname') ?? '')
    const token = await findCnameToken(store.pool, bucket.bucketId, domain, clock.now())
    if (!token) throw objectError(errors.NoSuchCnameToken, { facts: { domain } })
    return { status: 200, body: { kind: 'xml', root: 'CnameToken', value: describeCnameToken(bucket, domain, token) } }
  },
})

export function describeCnameToken({ name }: Bucket, domain: string, { token, expiresAt }: CnameToken): object {
  return { Bucket: name, Cname: domain, Token: token, ExpireTime: headerTime(expiresAt) }
}
