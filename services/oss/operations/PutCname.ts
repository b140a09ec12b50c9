import { Resolver } from 'node:dns/promises'
import type { AccountId } from '@pileus/kernel/ids'
import { say } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { ownershipLabel, ownName, readCname } from '../domain/cname.ts'
import { invalid } from '../domain/headers.ts'
import { errors } from '../errors.ts'
import { type BucketContext, onBucket } from '../operation.ts'
import { findCnameToken, listCnames, lockCname, putCname } from '../tables/cnames.ts'
import { inTransaction } from '../transaction.ts'

const maxDomains = 100
const lookupMs = 2_000

/**
 * Binds a domain to the bucket. All accounts but the installation's own must prove that it is theirs, by a TXT record
 * with the token of CreateCnameToken, or have an operator's word for it; so must everybody who wants one that another
 * bucket has. Names of the installation itself are nobody's.
 */
export const PutCname = onBucket({
  name: 'PutCname',
  route: { method: 'POST', subresources: ['cname', 'comp=add'] },
  permission: 'oss:PutCname',
  async run(context, request) {
    const { store, bucket, clock, domains } = context
    const domain = readCname(await request.readXml('BucketCnameConfiguration'))
    if (domains.isOwnName(domain)) throw invalid('Domain', domain, ownName)
    const owner = bucket.accountId as AccountId
    const law = await context.findFilingLaw(owner, domain, bucket.regionId)
    if (law !== undefined) {
      throw objectError(errors.DomainNotFiled, { facts: { domain, regionId: bucket.regionId, law } })
    }
    if ((await listCnames(store.pool, bucket.bucketId)).length >= maxDomains) {
      throw objectError(errors.InvalidArgument, { facts: { reason: say`A bucket may have ${maxDomains} domains.` } })
    }
    const isProved = (await context.isFiled(owner, domain, bucket.regionId)) || (await provesOwnership(context, domain))
    await inTransaction(store, async (db) => {
      const before = await lockCname(db, domain)
      const needsProof = before ? before.bucketId !== bucket.bucketId : domains.needsProof(owner)
      if (needsProof && !isProved) {
        const kind = before?.accountId === owner ? errors.CnameAlreadyInUse : errors.NeedVerifyDomainOwnership
        const advice = before
          ? say`Unbind it there, or put the token of POST ?cname&comp=token into a TXT record of ${ownershipLabel}.${domain}.`
          : say`Put the token of POST ?cname&comp=token into a TXT record of ${ownershipLabel}.${domain}.`
        throw objectError(kind, { facts: { domain, advice } })
      }
      await putCname(db, { domain, bucketId: bucket.bucketId, modifiedAt: clock.now() })
      await domains.announce(db)
    })
    await domains.refresh()
    return { status: 200 }
  },
})

async function provesOwnership({ store, bucket, clock }: BucketContext, domain: string): Promise<boolean> {
  const token = await findCnameToken(store.pool, bucket.bucketId, domain, clock.now())
  if (!token) return false
  const resolver = new Resolver({ timeout: lookupMs, tries: 1 })
  // A name that has no record, or no answer, proves nothing.
  const records = await resolver.resolveTxt(`${ownershipLabel}.${domain}`).catch(() => [])
  return records.some((parts) => parts.join('') === token.token)
}
