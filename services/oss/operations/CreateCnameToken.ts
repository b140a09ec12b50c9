import { randomBytes } from 'node:crypto'
import { readCname } from '../domain/cname.ts'
import { onBucket } from '../operation.ts'
import { ensureCnameToken } from '../tables/cnames.ts'
import { describeCnameToken } from './GetCnameToken.ts'

const validMs = 72 * 3_600_000

/** Gives the token that a TXT record must hold to prove that the domain is one's own; the same one while it is valid. */
export const CreateCnameToken = onBucket({
  name: 'CreateCnameToken',
  route: { method: 'POST', subresources: ['cname', 'comp=token'] },
  permission: 'oss:CreateCnameToken',
  async run({ store, bucket, clock }, request) {
    const domain = readCname(await request.readXml('BucketCnameConfiguration'))
    const now = clock.now()
    const fresh = { token: randomBytes(16).toString('hex'), expiresAt: new Date(now.getTime() + validMs) }
    const token = await ensureCnameToken(store.pool, bucket.bucketId, domain, fresh, now)
    return { status: 200, body: { kind: 'xml', root: 'CnameToken', value: describeCnameToken(bucket, domain, token) } }
  },
})
