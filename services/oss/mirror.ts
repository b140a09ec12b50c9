/**
 * Fetches what a bucket lacks from where its rules say, and keeps it: the caller is answered once the object is here.
 * Callers of one key wait for the same fetch.
 */
import type { Clock } from '@pileus/kernel/clock'
import type { RegionBytes } from '@pileus/kernel/fabric/region-bytes'
import type { Log } from '@pileus/kernel/log'
import { type ObjectAnswer, ObjectError, type ObjectRequest, objectError } from '@pileus/kernel/object-protocol'
import type { OutboundStream } from '@pileus/kernel/outbound-http'
import type { Store } from '@pileus/kernel/store/store'
import type { Bucket } from './domain/bucket.ts'
import { readEncryption } from './domain/encryption.ts'
import { defaultContentType, header } from './domain/headers.ts'
import { type MirrorSource, mirroredHeaders, mirrorUrls } from './domain/mirror.ts'
import { findRoutingRule, type RoutingRule, redirectedKey } from './domain/website.ts'
import { errors } from './errors.ts'
import { isOfFetch, type SourceFetcher } from './fetch-source.ts'
import type { ObjectFacts } from './object-facts.ts'
import type { ObjectKeys } from './object-keys.ts'
import type { BoundOperation } from './operation.ts'
import { discardBody, FetchFailure, fetchFailureOf, storeFetched } from './store-fetched.ts'
import { maxPutBytes } from './stored-bytes.ts'

export interface Mirror {
  /**
   * Has the key brought here as the rule says; false when the source has none either, or is another one's mirror.
   * @throws MirrorFailed
   */
  bring(bucket: Bucket, rule: RoutingRule, key: string, request: ObjectRequest): Promise<boolean>
}

interface Parts {
  store: Store
  bytes: RegionBytes
  clock: Clock
  fetcher: SourceFetcher
  /** Of the platform: the caller may read, and what is stored is the bucket's. */
  objectKeys: ObjectKeys
  log: Log
}

const fetchTimeoutMs = 5 * 60_000
const maxRedirects = 5
/** Fetches at a time in one process; more are refused. */
const width = 64
/** What a source says of an object and it keeps. */
const keptHeaders = ['cache-control', 'content-disposition', 'content-encoding', 'content-language', 'expires']

export function createMirror(parts: Parts): Mirror {
  const fetching = new Map<string, Promise<boolean>>()
  return {
    bring(bucket, rule, key, request) {
      const { mirror } = rule.redirect
      if (!mirror) throw new Error('the rule does not mirror')
      if (isOfFetch(request)) return Promise.resolve(false)
      const name = `${bucket.bucketId} ${rule.number} ${key}`
      const known = fetching.get(name)
      if (known) return known
      if (fetching.size >= width) throw failed('Too many objects are being fetched. Ask again in a moment.')
      const sourceKey = redirectedKey(rule, key)
      const work = fetchObject(parts, bucket, mirror, { key, sourceKey, request })
        .catch((error: unknown) => {
          const { message } = fetchFailureOf(error)
          parts.log.warn({ err: error, bucket: bucket.name, key }, 'an object was not mirrored')
          throw failed(message)
        })
        .finally(() => fetching.delete(name))
      fetching.set(name, work)
      return work
    },
  }
}

/** The operation; what it lacks is fetched first where a rule says so. @throws as the operation, MirrorFailed */
export async function runMirrored(
  operation: BoundOperation,
  context: Parameters<BoundOperation['run']>[0] & { bucket: Bucket },
  request: ObjectRequest,
): Promise<ObjectAnswer> {
  try {
    return await operation.run(context, request)
  } catch (error) {
    const { bucket, key, mirror } = context
    const rule = key === undefined || !isMissing(error) ? undefined : findMirrorRule(bucket, key, request)
    if (!rule || key === undefined || !mayFetch(operation, rule)) throw error
    if (!(await mirror.bring(bucket, rule, key, request))) throw error
    return operation.run(context, request)
  }
}

function mayFetch({ name }: BoundOperation, { redirect }: RoutingRule): boolean {
  return name === 'GetObject' || (name === 'HeadObject' && redirect.mirror?.allowHead === true)
}

/** The first rule for a missing key, if it is one that mirrors. */
function findMirrorRule({ settings }: Bucket, key: string, { headers }: ObjectRequest): RoutingRule | undefined {
  const rules = settings.website?.rules.filter((rule) => rule.redirect.mirror)
  if (!settings.website || !rules?.length) return undefined
  const call = { key, httpErrorCode: 404, header: (name: string) => header(headers, name) }
  return findRoutingRule({ ...settings.website, rules }, call)
}

async function fetchObject(
  parts: Parts,
  bucket: Bucket,
  mirror: MirrorSource,
  { key, sourceKey, request }: { key: string; sourceKey: string; request: ObjectRequest },
): Promise<boolean> {
  const headers = mirroredHeaders(mirror, request.headers)
  const source = await openFirst(parts, bucket, mirror, { urls: mirrorUrls(mirror, sourceKey, request.query), headers })
  if (source.status === 404) {
    await discardBody(source)
    return false
  }
  if (source.status !== 200) {
    await discardBody(source)
    throw new FetchFailure(`The source answered with the status ${source.status}.`)
  }
  const said = source.headers['content-md5']
  const contentMd5 = mirror.checkMd5 && typeof said === 'string' ? said : undefined
  const facts = await factsOf(parts, bucket, key, source)
  const bytes = parts.bytes.of(bucket.regionId)
  const wanted = { bucket, key, facts, contentMd5, forbidOverwrite: true, signal: new AbortController().signal }
  await storeFetched({ ...parts, bytes }, source, wanted).catch((error: unknown) => {
    // Somebody wrote it meanwhile, and that is what the caller then reads.
    if (!(error instanceof ObjectError) || error.code !== errors.FileAlreadyExists.code) throw error
  })
  return true
}

async function openFirst(
  parts: Parts,
  bucket: Bucket,
  mirror: MirrorSource,
  { urls, headers }: { urls: readonly string[]; headers: Record<string, string> },
): Promise<OutboundStream> {
  for (const [index, url] of urls.entries()) {
    const isLast = index === urls.length - 1
    try {
      const source = await openFollowing(parts.fetcher, bucket, url, { headers, follows: mirror.followRedirect })
      if (isLast || source.status < 500) return source
      await discardBody(source)
    } catch (error) {
      if (isLast || !fetchFailureOf(error).again) throw error
    }
  }
  throw new Error('a mirror has a URL')
}

/** Each step is judged anew. */
async function openFollowing(
  fetcher: SourceFetcher,
  target: Bucket,
  first: string,
  { headers, follows }: { headers: Record<string, string>; follows: boolean },
): Promise<OutboundStream> {
  const limits = { timeoutMs: fetchTimeoutMs, maxBytes: maxPutBytes }
  let url = first
  for (let step = 0; ; step += 1) {
    const source = await fetcher.open({ ...limits, url, target, headers })
    const { location } = source.headers
    const isRedirect = [301, 302, 303, 307, 308].includes(source.status) && location !== undefined
    if (!follows || !isRedirect) return source
    await discardBody(source)
    if (step === maxRedirects || !URL.canParse(location, url)) throw new FetchFailure('The source redirects for ever.')
    url = new URL(location, url).href
  }
}

async function factsOf(
  { objectKeys }: Parts,
  bucket: Bucket,
  key: string,
  source: OutboundStream,
): Promise<ObjectFacts> {
  const wish = readEncryption({}, bucket.settings)
  const keyed = wish && (await objectKeys.create(bucket, key, wish))
  keyed?.dataKey.fill(0)
  const kept = keptHeaders.flatMap((name) => {
    const value = source.headers[name]
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  const meta = { headers: Object.fromEntries(kept), ...(keyed ? { encryption: keyed.encryption } : {}) }
  const { storageClass } = bucket
  return { contentType: defaultContentType, meta, tags: [], storageClass, acl: undefined }
}

export function isMissing(error: unknown): error is ObjectError {
  return error instanceof ObjectError && error.code === 'NoSuchKey'
}

function failed(reason: string) {
  return objectError(errors.MirrorFailed, { facts: { reason } })
}
