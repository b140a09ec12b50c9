import { objectError } from '@pileus/kernel/object-protocol'
import { readCname } from '../domain/cname.ts'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { removeCname } from '../tables/cnames.ts'
import { inTransaction } from '../transaction.ts'

export const DeleteCname = onBucket({
  name: 'DeleteCname',
  route: { method: 'POST', subresources: ['cname', 'comp=delete'] },
  permission: 'oss:DeleteCname',
  async run({ store, bucket, domains }, request) {
    const domain = readCname(await request.readXml('BucketCnameConfiguration'))
    await inTransaction(store, async (db) => {
      if (!(await removeCname(db, bucket.bucketId, domain))) {
        throw objectError(errors.NoSuchCname, { facts: { domain } })
      }
      await domains.announce(db)
    })
    await domains.refresh()
    return { status: 200 }
  },
})
