import { say } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { invalid } from '../domain/headers.ts'
import { allowOnly, malformedXml } from '../domain/xml.ts'
import { getOnly } from '../domain/xml-values.ts'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { lockBucketSetting, setBucketSetting } from '../tables/buckets.ts'

const maxStyles = 100
const maxContentBytes = 4 * 1024

/** Saves a chain of image operations under a name, or replaces it. */
export const PutStyle = onBucket({
  name: 'PutStyle',
  route: { method: 'PUT', subresources: ['style', 'styleName'] },
  permission: 'oss:PutStyle',
  async run({ buckets, bucket, clock }, request) {
    const name = request.query.get('styleName') ?? ''
    if (!/^[A-Za-z0-9_.-]{1,63}$/.test(name)) {
      throw invalid('styleName', name, say`styleName has 1 to 63 letters, digits, _, . and -.`)
    }
    const root = await request.readXml('Style')
    allowOnly(root, 'Content')
    const content = getOnly(root, 'Content').text.trim()
    if (content === '') {
      throw objectError(errors.InvalidArgument, { facts: { reason: say`Style content is invalid.` } })
    }
    if (Buffer.byteLength(content) > maxContentBytes)
      throw malformedXml(say`Content may have ${maxContentBytes} bytes.`)
    const modifiedAt = clock.now().toISOString()
    await buckets.change(bucket.name, async (db) => {
      const styles = (await lockBucketSetting(db, bucket.bucketId, 'styles')) ?? {}
      const before = Object.hasOwn(styles, name) ? styles[name] : undefined
      if (!before && Object.keys(styles).length >= maxStyles) {
        throw objectError(errors.TooManyStyles, { facts: { limit: maxStyles } })
      }
      const style = {
        content,
        category: request.query.get('category') ?? 'image',
        createdAt: before?.createdAt ?? modifiedAt,
        modifiedAt,
      }
      await setBucketSetting(db, bucket.bucketId, 'styles', { ...styles, [name]: style })
    })
    return { status: 200 }
  },
})
