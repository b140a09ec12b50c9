import { say } from '@pileus/kernel/messages/text'
import { objectError, type XmlElement } from '@pileus/kernel/object-protocol'
import type { Bucket } from '../domain/bucket.ts'
import { readEncryption } from '../domain/encryption.ts'
import { parseStorageClass, readBucketAcl, readTagBucketHeader } from '../domain/headers.ts'
import { errors } from '../errors.ts'
import { onService } from '../operation.ts'
import { countBuckets, insertBucket, setBucketAcl } from '../tables/buckets.ts'

/** Most buckets of an account in a region. @see docs/sources.md#oss */
const maxBuckets = 100

/** Creates a bucket. Repeated by its owner it changes the ACL, when one is given. */
export const PutBucket = onService(
  {
    name: 'PutBucket',
    route: { method: 'PUT' },
    permission: 'oss:PutBucket',
    createsBucket: true,
    places: true,
    async run({ buckets, store, clock, hosted, principal }, request) {
      const name = request.bucket!
      const acl = readBucketAcl(request.headers)
      const tags = readTagBucketHeader(request.headers)
      const encryption = readEncryption(request.headers, {})
      const configuration = await request.findXml('CreateBucketConfiguration')
      const wanted = configuration ? readConfiguration(configuration) : {}
      const regionId = wanted.regionId ?? request.regionId
      if (!hosted.has(regionId)) {
        throw objectError(errors.InvalidLocationConstraint, { facts: { location: regionId.slice(0, 64) } })
      }
      const { accountId } = principal
      const headers = { location: `/${name}` }
      const known = await buckets.find(name)
      if (!known) {
        if ((await countBuckets(store.pool, accountId, regionId)) >= maxBuckets) {
          throw objectError(errors.TooManyBuckets, { facts: { limit: maxBuckets } })
        }
        const made = await buckets.change(name, (db) =>
          insertBucket(db, {
            name,
            accountId,
            regionId,
            acl: acl ?? 'private',
            storageClass: parseStorageClass(wanted.storageClass, 'Standard'),
            redundancy: wanted.redundancy ?? 'LRS',
            settings: { ...(tags.length > 0 ? { tagging: tags } : {}), ...(encryption ? { encryption } : {}) },
            createdAt: clock.now(),
          }),
        )
        if (made) return { status: 200, headers }
      }
      const bucket = known ?? (await buckets.find(name))
      if (bucket?.accountId !== accountId || bucket.regionId !== regionId) {
        throw objectError(errors.BucketAlreadyExists, { details: { BucketName: name } })
      }
      if (acl) await buckets.change(name, (db) => setBucketAcl(db, bucket.bucketId, acl))
      return { status: 200, headers }
    },
  },
  'bucket',
)

interface Wanted {
  regionId?: string
  storageClass?: string
  redundancy?: Bucket['redundancy']
}

function readConfiguration(root: XmlElement): Wanted {
  const wanted: Wanted = {}
  for (const { name, text } of root.children) {
    const value = text.trim()
    if (name === 'StorageClass') wanted.storageClass = value
    else if (name === 'LocationConstraint') wanted.regionId = value.replace(/^oss-/, '')
    else if (name === 'DataRedundancyType' && (value === 'LRS' || value === 'ZRS')) wanted.redundancy = value
    else
      throw objectError(errors.InvalidArgument, {
        facts: { reason: say`${name} "${value.slice(0, 64)}" is not known.` },
      })
  }
  return wanted
}
