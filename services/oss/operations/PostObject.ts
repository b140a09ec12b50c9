import type { ObjectRequest } from '@pileus/kernel/object-protocol'
import { readCallback } from '../domain/callback.ts'
import { versionHeader } from '../find-target.ts'
import { forbidsOverwrite, readObjectFacts } from '../object-facts.ts'
import { onObject } from '../operation.ts'
import { sendCallback } from '../send-callback.ts'
import { storeBody, withEncryption } from '../stored-bytes.ts'
import { writeObject } from '../write-object.ts'

/** An upload by an HTML form. Its policy was checked before. */
export const PostObject = onObject({
  name: 'PostObject',
  route: { method: 'POST', form: true },
  permission: 'oss:PutObject',
  acl: 'write',
  places: true,
  async run(context, request) {
    const { store, bytes, bucket, key } = context
    const facts = readObjectFacts(bucket, request)
    const callback = readCallback(request, context.bucket.settings.callbackPolicies)
    const stored = await storeBody(context, request)
    const { location, md5Hex, crc64, bytes: size } = stored
    const etag = md5Hex.toUpperCase()
    const all = withEncryption(facts, stored)
    const object = { ...all, key, location, segmentSet: undefined, bytes: size, etag, crc64, type: 'Normal' } as const
    const how = { forbidOverwrite: forbidsOverwrite(request) }
    const written = await writeObject(context, store.pool, object, how).catch(async (error) => {
      await bytes.release([location])
      throw error
    })
    const headers = { etag: `"${etag}"`, 'x-oss-hash-crc64ecma': crc64, ...versionHeader(context, written) }
    if (callback) {
      const contentMd5 = Buffer.from(md5Hex, 'hex').toString('base64')
      const uploaded = {
        operation: 'PostObject',
        etag,
        bytes: size,
        contentType: facts.contentType,
        crc64,
        contentMd5,
      } as const
      return await sendCallback(context, request, callback, uploaded, { status: 200, headers })
    }
    const redirect = redirectOf(request, bucket.name, key, etag)
    if (redirect !== undefined) return { status: 303, headers: { ...headers, location: redirect } }
    const status = request.form?.get('success_action_status')
    if (status === '200') return { status: 200, headers }
    if (status !== '201') return { status: 204, headers }
    const Location = `http://${bucket.name}.oss-${bucket.regionId}.aliyuncs.com/${encodeURIComponent(key)}`
    const value = { Bucket: bucket.name, Location, Key: key, ETag: `"${etag}"` }
    return {
      status: 201,
      headers: { ...headers, location: Location },
      body: { kind: 'xml', root: 'PostResponse', value },
    }
  },
})

/** Where the browser goes next; undefined unless the form names a web page. */
function redirectOf({ form }: ObjectRequest, bucket: string, key: string, etag: string): string | undefined {
  const text = form?.get('success_action_redirect')
  if (!text || !URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
  for (const [name, value] of Object.entries({ bucket, key, etag: `"${etag}"` })) url.searchParams.set(name, value)
  return url.href
}
