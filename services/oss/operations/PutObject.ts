import { versionHeader } from '../find-target.ts'
import { forbidsOverwrite, readObjectFacts } from '../object-facts.ts'
import { onObject } from '../operation.ts'
import { storeBody } from '../stored-bytes.ts'
import { findObject } from '../tables/objects.ts'
import { alreadyThere, writeObject } from '../write-object.ts'

export const PutObject = onObject({
  name: 'PutObject',
  route: { method: 'PUT' },
  permission: 'oss:PutObject',
  acl: 'write',
  places: true,
  async run(context, request) {
    const { store, bytes, bucket, key } = context
    const facts = readObjectFacts(bucket, request)
    const forbidOverwrite = forbidsOverwrite(request)
    // Known before the bytes travel where it can be; the write asks again.
    if (forbidOverwrite && (await findObject(store.pool, bucket.bucketId, key))) throw alreadyThere(key)
    const { location, md5Hex, crc64, bytes: size } = await storeBody(context, request)
    const etag = md5Hex.toUpperCase()
    const object = { ...facts, key, location, segmentSet: undefined, bytes: size, etag, crc64, type: 'Normal' } as const
    const written = await writeObject(context, store.pool, object, { forbidOverwrite }).catch(async (error) => {
      await bytes.release([location])
      throw error
    })
    return {
      status: 200,
      headers: {
        etag: `"${etag}"`,
        'content-md5': Buffer.from(md5Hex, 'hex').toString('base64'),
        'x-oss-hash-crc64ecma': crc64,
        ...versionHeader(context, written),
      },
    }
  },
})
