/** Serves anonymous callers of a bucket that is a web site: index pages, error pages and redirects. */
import type { ObjectAnswer, ObjectError, ObjectRequest } from '@pileus/kernel/object-protocol'
import type { Principal } from '@pileus/kernel/ports'
import type { Bucket } from './domain/bucket.ts'
import { header } from './domain/headers.ts'
import { findRoutingRule, type RoutingRule, redirectedKey, type Website } from './domain/website.ts'
import { isMissing, runMirrored } from './mirror.ts'
import type { BoundOperation, BucketContext } from './operation.ts'
import { GetObject } from './operations/GetObject.ts'
import { HeadObject } from './operations/HeadObject.ts'

type Site = BucketContext & { website: Website }

/** Whether the request is one for a page. Signed callers get what the API says. */
export function asksForPage(
  { bucket, principal }: { bucket: Bucket; principal: Principal },
  operation: BoundOperation,
  request: ObjectRequest,
): boolean {
  if (!bucket.settings.website || principal.kind !== 'anonymous') return false
  return operation === GetObject || operation === HeadObject || isRoot(operation, request)
}

function isRoot(operation: BoundOperation, { query }: ObjectRequest): boolean {
  return operation.name === 'ListObjects' && query.size === 0
}

export async function servePage(
  context: BucketContext,
  operation: BoundOperation,
  request: ObjectRequest,
): Promise<ObjectAnswer> {
  const { website } = context.bucket.settings
  if (!website) throw new Error('servePage is for web sites')
  const site = { ...context, website }
  if (isRoot(operation, request) && !website.index) return operation.run({ ...context, key: undefined }, request)
  const key = request.key ?? ''
  const rule = findRoutingRule(website, { key, httpErrorCode: undefined, header: headerOf(request) })
  if (rule) return redirect(site, rule, key, request)
  try {
    return await findPage(site, key, request)
  } catch (error) {
    if (!isMissing(error)) throw error
    return instead(site, key, request, error)
  }
}

/**
 * What a signed caller is answered: what the API says, but for two things that a site adds. What is missing may be
 * fetched from elsewhere, and a directory that is read is its index page.
 */
export async function runOnSite(
  operation: BoundOperation,
  context: BucketContext & { key: string | undefined },
  request: ObjectRequest,
): Promise<ObjectAnswer> {
  try {
    return await runMirrored(operation, context, request)
  } catch (error) {
    const { website } = context.bucket.settings
    const { key } = context
    if (!isMissing(error) || operation !== GetObject || !website?.index || !key?.endsWith('/')) throw error
    return await findPage({ ...context, website }, key, request)
  }
}

/** The object, or the index page of the directory that the key means. @throws NoSuchKey */
async function findPage(site: Site, key: string, request: ObjectRequest): Promise<ObjectAnswer> {
  const { index } = site.website
  if (!index) return read(site, key, request)
  if (key === '' || key.endsWith('/')) {
    return read(site, `${index.supportSubDir ? key : ''}${index.suffix}`, request)
  }
  try {
    return await read(site, key, request)
  } catch (error) {
    if (!isMissing(error) || !index.supportSubDir || index.type === 'NoSuchKey') throw error
    const page = `${key}/${index.suffix}`
    const answer = await read(site, page, request).catch(() => undefined)
    if (!answer) throw error
    if (index.type === 'Index') return answer
    discard(answer)
    // Relative, so that it is right wherever the bucket's name stands in the URL.
    return { status: 302, headers: { location: `${encodePath(key.slice(key.lastIndexOf('/') + 1))}/` } }
  }
}

/** What stands in for a key that is not there. */
async function instead(site: Site, key: string, request: ObjectRequest, missing: ObjectError): Promise<ObjectAnswer> {
  const call = { key, httpErrorCode: missing.httpStatus, header: headerOf(request) }
  const rule = findRoutingRule(site.website, call)
  if (rule && rule.redirect.type !== 'Mirror') return redirect(site, rule, key, request)
  const fetched = rule && (await mirrored(site, rule, key, request))
  if (fetched) return fetched
  const { error } = site.website
  if (!error) throw missing
  const { range: _, ...rest } = request.headers
  const headers = Object.fromEntries(Object.entries(rest).filter(([name]) => !name.startsWith('if-')))
  const page = await read(site, error.key, { ...request, headers }).catch(() => undefined)
  if (!page) throw missing
  return { ...page, status: error.httpStatus }
}

async function redirect(site: Site, rule: RoutingRule, key: string, request: ObjectRequest): Promise<ObjectAnswer> {
  const target = redirectedKey(rule, key)
  const { type, protocol, hostName, httpCode, passQueryString } = rule.redirect
  if (type === 'Internal') return read(site, target, request)
  const scheme = protocol ?? (request.secureTransport ? 'https' : 'http')
  const query = passQueryString && request.query.size > 0 ? `?${new URLSearchParams([...request.query])}` : ''
  const location = `${scheme}://${hostName ?? request.endpoint}/${encodePath(target)}${query}`
  return { status: httpCode, headers: { location } }
}

/** The key itself, brought here by the rule; undefined when it is nowhere. @throws MirrorFailed */
async function mirrored(
  site: Site,
  rule: RoutingRule,
  key: string,
  request: ObjectRequest,
): Promise<ObjectAnswer | undefined> {
  const isAsked = key !== '' && (request.method === 'GET' || rule.redirect.mirror?.allowHead === true)
  if (!isAsked || !(await site.mirror.bring(site.bucket, rule, key, request))) return undefined
  return read(site, key, request)
}

/** Reads an object as the caller may. @throws NoSuchKey, AccessDenied */
async function read(site: Site, key: string, request: ObjectRequest): Promise<ObjectAnswer> {
  if (key !== request.key) await site.mayAlso(GetObject, { bucket: site.bucket.name, key })
  const operation = request.method === 'HEAD' ? HeadObject : GetObject
  return operation.run({ ...site, key }, { ...request, key })
}

/** Ends what will not be sent. */
function discard({ body }: ObjectAnswer): void {
  if (body?.kind === 'bytes' && !Buffer.isBuffer(body.bytes)) void body.bytes[Symbol.asyncIterator]().return?.()
}

function headerOf({ headers }: ObjectRequest): (name: string) => string | undefined {
  return (name) => header(headers, name)
}

function encodePath(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/')
}
