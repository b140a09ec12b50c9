/** Tells the customer's server about an upload, and lets its answer be the upload's. */
import { createHash } from 'node:crypto'
import { type ObjectAnswer, type ObjectRequest, objectError } from '@pileus/kernel/object-protocol'
import { OutboundError } from '@pileus/kernel/outbound-http'
import { callbackKeyPath } from './callback-signer.ts'
import type { Bucket } from './domain/bucket.ts'
import { type Callback, fillCallback, placesOf } from './domain/callback.ts'
import { errors } from './errors.ts'
import { findImageFacts } from './images/process-image.ts'
import type { KeyContext, OssContext } from './operation.ts'

/** How long a server has to answer, in milliseconds, and how much it may say. */
const timeoutMs = 5_000
const maxAnswerBytes = 1024 * 1024

export interface Uploaded {
  operation: 'PutObject' | 'PostObject' | 'CompleteMultipartUpload' | 'AsyncFetch'
  etag: string
  bytes: number
  contentType: string
  crc64: string
  /** Base64; nothing for uploads in parts. */
  contentMd5: string
}

/** `answer` is that of the upload, whose headers are kept. @throws CallbackFailed; the object stays */
export async function sendCallback(
  context: KeyContext,
  request: ObjectRequest,
  callback: Callback,
  uploaded: Uploaded,
  answer: ObjectAnswer,
): Promise<ObjectAnswer> {
  const wantsImage = [...placesOf(callback)].some((place) => place.startsWith('imageInfo.'))
  const image = wantsImage ? await findImageFacts(context, request) : undefined
  const imageFacts = image
    ? { 'imageInfo.height': image.height, 'imageInfo.width': image.width, 'imageInfo.format': image.format }
    : {}
  const { bucket, key } = context
  const told = await tellReceiver(context, callback, {
    bucket,
    requestId: request.requestId,
    facts: { ...factsOf(uploaded, bucket, key), clientIp: request.sourceIp, reqId: request.requestId, ...imageFacts },
  })
  const headers = { ...answer.headers }
  if ('failure' in told) throw objectError(errors.CallbackFailed, { facts: { reason: told.failure }, headers })
  return { status: 200, headers, body: { kind: 'text', contentType: 'application/json', text: told.text } }
}

/** What a callback's template may name of an upload. */
export function factsOf(
  { operation, etag, bytes, contentType, crc64, contentMd5 }: Uploaded,
  bucket: Bucket,
  key: string,
): CallbackFacts {
  return {
    ...{ bucket: bucket.name, object: key, etag, size: bytes, mimeType: contentType, crc64, contentMd5 },
    ...{ operation, vpcId: '' },
  }
}

type CallbackFacts = Record<string, string | number>
type Receiving = Pick<OssContext, 'outbound' | 'callbacks' | 'publicEndpoint'>

interface Told {
  bucket: Bucket
  requestId: string
  facts: CallbackFacts
}

/** Asks one URL of the callback after the other, until one answers well. */
export async function tellReceiver(
  context: Receiving,
  callback: Callback,
  told: Told,
): Promise<{ text: string } | { failure: string }> {
  const body = Buffer.from(fillCallback(callback, told.facts))
  let failure = 'it has no URL.'
  for (const url of callback.urls) {
    const outcome = await tryOnce(context, told, callback, url, body)
    if ('text' in outcome) return outcome
    failure = outcome.failure
  }
  return { failure }
}

async function tryOnce(
  { outbound, callbacks, publicEndpoint }: Receiving,
  { bucket, requestId }: Told,
  callback: Callback,
  url: string,
  body: Buffer,
): Promise<{ text: string } | { failure: string }> {
  const { pathname, search } = new URL(url)
  const signed = Buffer.concat([Buffer.from(`${decodePath(pathname)}${search}\n`), body])
  try {
    const answer = await outbound.request({
      url,
      method: 'POST',
      body,
      timeoutMs,
      maxAnswerBytes,
      ...(callback.host === undefined ? {} : { hostHeader: callback.host }),
      ...(callback.host !== undefined && callback.sendsServerName
        ? { serverName: callback.host.replace(/:\d+$/, '') }
        : {}),
      headers: {
        'content-type': callback.isJson ? 'application/json' : 'application/x-www-form-urlencoded',
        'content-md5': createHash('md5').update(body).digest('base64'),
        'user-agent': 'aliyun-oss-callback',
        authorization: await callbacks.sign(signed),
        'x-oss-pub-key-url': Buffer.from(`http://${publicEndpoint()}${callbackKeyPath}`).toString('base64'),
        'x-oss-request-id': requestId,
        'x-oss-bucket': bucket.name,
        'x-oss-owner': bucket.accountId,
      },
    })
    if (answer.status !== 200) return { failure: `its server answered with the status ${answer.status}.` }
    const text = answer.body.toString('utf8')
    return isJson(text) ? { text } : { failure: 'its server answered with something that is not JSON.' }
  } catch (error) {
    if (error instanceof OutboundError) return { failure: error.message }
    throw error
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
