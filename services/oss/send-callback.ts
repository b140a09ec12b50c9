/** Tells the customer's server about an upload, and lets its answer be the upload's. */
import { createHash } from 'node:crypto'
import { type ObjectAnswer, type ObjectRequest, objectError } from '@pileus/kernel/object-protocol'
import { OutboundError } from '@pileus/kernel/outbound-http'
import { callbackKeyPath } from './callback-signer.ts'
import { type Callback, fillCallback, placesOf } from './domain/callback.ts'
import { errors } from './errors.ts'
import { findImageFacts } from './images/process-image.ts'
import type { KeyContext } from './operation.ts'

/** How long a server has to answer, in milliseconds, and how much it may say. */
const timeoutMs = 5_000
const maxAnswerBytes = 1024 * 1024

export interface Uploaded {
  operation: 'PutObject' | 'PostObject' | 'CompleteMultipartUpload'
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
  const body = Buffer.from(fillCallback(callback, await factsOf(context, request, callback, uploaded)))
  const failures: string[] = []
  for (const url of callback.urls) {
    const told = await tryOnce(context, request, callback, url, body)
    if ('text' in told) {
      return {
        status: 200,
        headers: { ...answer.headers },
        body: { kind: 'text', contentType: 'application/json', text: told.text },
      }
    }
    failures.push(told.failure)
  }
  throw objectError(errors.CallbackFailed, {
    facts: { reason: failures.at(-1) ?? 'it has no URL.' },
    headers: { ...answer.headers },
  })
}

async function factsOf(
  context: KeyContext,
  request: ObjectRequest,
  callback: Callback,
  { operation, etag, bytes, contentType, crc64, contentMd5 }: Uploaded,
): Promise<Record<string, string | number>> {
  const wantsImage = [...placesOf(callback)].some((place) => place.startsWith('imageInfo.'))
  const image = wantsImage ? await findImageFacts(context, request) : undefined
  return {
    bucket: context.bucket.name,
    object: context.key,
    etag,
    size: bytes,
    mimeType: contentType,
    crc64,
    contentMd5,
    operation,
    clientIp: request.sourceIp,
    reqId: request.requestId,
    vpcId: '',
    ...(image
      ? { 'imageInfo.height': image.height, 'imageInfo.width': image.width, 'imageInfo.format': image.format }
      : {}),
  }
}

async function tryOnce(
  { outbound, callbacks, publicEndpoint, bucket }: KeyContext,
  request: ObjectRequest,
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
        'x-oss-request-id': request.requestId,
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
