import { onBucket } from '../operation.ts'
import { lockBucketSetting, setBucketSetting } from '../tables/buckets.ts'

/** Answers 204 also when there was none. */
export const DeleteStyle = onBucket({
  name: 'DeleteStyle',
  route: { method: 'DELETE', subresources: ['style', 'styleName'] },
  permission: 'oss:DeleteStyle',
  async run({ buckets, bucket }, { query }) {
    await buckets.change(bucket.name, async (db) => {
      const styles = await lockBucketSetting(db, bucket.bucketId, 'styles')
      const kept = Object.entries(styles ?? {}).filter(([name]) => name !== query.get('styleName'))
      await setBucketSetting(db, bucket.bucketId, 'styles', Object.fromEntries(kept))
    })
    return { status: 204 }
  },
})
