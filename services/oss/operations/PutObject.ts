import { readCallback } from '../domain/callback.ts'
import { encryptionHeaders } from '../domain/encryption.ts'
import { versionHeader } from '../find-target.ts'
import { readObjectFacts } from '../object-facts.ts'
import { onObject } from '../operation.ts'
import { sendCallback } from '../send-callback.ts'
import { storeBody, withEncryption } from '../stored-bytes.ts'
import { checkBefore, readWriteConditions, withoutConditions, writeWhen } from '../write-conditions.ts'

export const PutObject = onObject({
  name: 'PutObject',
  route: { method: 'PUT' },
  permission: 'oss:PutObject',
  acl: 'write',
  places: true,
  async run(context, request) {
    const { bytes, bucket, key } = context
    const facts = readObjectFacts(bucket, { headers: withoutConditions(request) })
    const callback = readCallback(request, context.bucket.settings.callbackPolicies)
    const conditions = readWriteConditions(request)
    await checkBefore(context, key, conditions)
    const stored = await storeBody(context, request)
    const { location, md5Hex, crc64, bytes: size } = stored
    const etag = md5Hex.toUpperCase()
    const all = withEncryption(facts, stored)
    const object = { ...all, key, location, segmentSet: undefined, bytes: size, etag, crc64, type: 'Normal' } as const
    const written = await writeWhen(context, object, conditions).catch(async (error) => {
      await bytes.release([location])
      throw error
    })
    const contentMd5 = Buffer.from(md5Hex, 'hex').toString('base64')
    const answer = {
      status: 200,
      headers: {
        etag: `"${etag}"`,
        'content-md5': contentMd5,
        'x-oss-hash-crc64ecma': crc64,
        ...encryptionHeaders(stored.encryption),
        ...versionHeader(context, written),
      },
    }
    if (!callback) return answer
    const uploaded = {
      operation: 'PutObject',
      etag,
      bytes: size,
      contentType: facts.contentType,
      crc64,
      contentMd5,
    } as const
    return await sendCallback(context, request, callback, uploaded, answer)
  },
})
