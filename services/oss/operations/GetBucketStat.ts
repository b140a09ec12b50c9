import { onBucket } from '../operation.ts'
import { readBucketStat } from '../tables/stat.ts'

/** From counters, so it is as quick in large buckets as in small ones. */
export const GetBucketStat = onBucket({
  name: 'GetBucketStat',
  route: { method: 'GET', subresources: ['stat'] },
  permission: 'oss:GetBucketStat',
  async run({ store, bucket, clock }) {
    const stat = await readBucketStat(store.pool, bucket.bucketId)
    const of = (storageClass: string) => stat.byClass.get(storageClass) ?? { bytes: 0, objects: 0 }
    const all = [...stat.byClass.values()]
    const named = (prefix: string, storageClass: string) => ({
      [`${prefix}Storage`]: of(storageClass).bytes,
      [`${prefix}RealStorage`]: of(storageClass).bytes,
      [`${prefix}ObjectCount`]: of(storageClass).objects,
    })
    const value = {
      Storage: all.reduce((sum, one) => sum + one.bytes, 0),
      ObjectCount: all.reduce((sum, one) => sum + one.objects, 0),
      MultipartUploadCount: stat.uploads,
      MultipartPartCount: stat.parts,
      LiveChannelCount: 0,
      LastModifiedTime: Math.floor(clock.now().getTime() / 1000),
      StandardStorage: of('Standard').bytes,
      StandardObjectCount: of('Standard').objects,
      ...named('InfrequentAccess', 'IA'),
      ...named('Archive', 'Archive'),
      ...named('ColdArchive', 'ColdArchive'),
      ...named('DeepColdArchive', 'DeepColdArchive'),
      DeleteMarkerCount: stat.markers,
    }
    return { status: 200, body: { kind: 'xml', root: 'BucketStat', value } }
  },
})
