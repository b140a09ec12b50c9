import { onBucket } from '../operation.ts'
import { setBucketSetting } from '../tables/buckets.ts'

/** Removes all tags, or those whose keys the query lists, separated by commas. */
export const DeleteBucketTags = onBucket({
  name: 'DeleteBucketTags',
  route: { method: 'DELETE', subresources: ['tagging'] },
  permission: 'oss:DeleteBucketTagging',
  async run({ buckets, bucket }, { query }) {
    const keys = query.get('tagging') ?? ''
    const gone = keys === '' ? undefined : keys.split(',')
    const rest = gone && (bucket.settings.tagging ?? []).filter((tag) => !gone.includes(tag.key))
    await buckets.change(bucket.name, (db) =>
      setBucketSetting(db, bucket.bucketId, 'tagging', rest?.length ? rest : undefined),
    )
    return { status: 204 }
  },
})
