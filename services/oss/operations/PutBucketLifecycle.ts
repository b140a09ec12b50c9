import { objectError } from '@pileus/kernel/object-protocol'
import { header } from '../domain/headers.ts'
import { readLifecycle } from '../domain/lifecycle.ts'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { lockBucketSetting, setBucketSetting } from '../tables/buckets.ts'
import { restartLifecycle } from '../tables/lifecycle.ts'

/** Replaces all rules. They are applied by `reconcilers/lifecycle.ts`, soon and then once a day. */
export const PutBucketLifecycle = onBucket({
  name: 'PutBucketLifecycle',
  route: { method: 'PUT', subresources: ['lifecycle'] },
  permission: 'oss:PutBucketLifecycle',
  async run({ buckets, bucket }, request) {
    const mayOverlap = header(request.headers, 'x-oss-allow-same-action-overlap')?.toLowerCase() === 'true'
    const rules = readLifecycle(await request.readXml('LifecycleConfiguration'), mayOverlap)
    await buckets.change(bucket.name, async (db) => {
      const byAccess = rules.some((rule) => rule.transitions.some((one) => one.byAccess))
      if (byAccess && !(await lockBucketSetting(db, bucket.bucketId, 'accessMonitor'))) {
        const reason = 'A rule goes by the time of access, which the bucket does not note. PUT ?accessmonitor first.'
        throw objectError(errors.InvalidArgument, { facts: { reason } })
      }
      await setBucketSetting(db, bucket.bucketId, 'lifecycle', rules)
      await restartLifecycle(db, bucket.bucketId)
    })
    return { status: 200 }
  },
})
