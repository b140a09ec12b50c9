/** What a copy takes its bytes from. */
import { say } from '@pileus/kernel/messages/text'
import { type ObjectRequest, objectError } from '@pileus/kernel/object-protocol'
import type { Bucket } from './domain/bucket.ts'
import { checkConditions } from './domain/conditions.ts'
import { header, invalid } from './domain/headers.ts'
import type { StoredObject } from './domain/stored-object.ts'
import { errors } from './errors.ts'
import { getTarget, versionHeader } from './find-target.ts'
import type { KeyContext } from './operation.ts'
import { GetObject, refuseFrozen } from './operations/GetObject.ts'
import { followSymlink } from './symlink.ts'

export interface CopySource {
  bucket: Bucket
  object: StoredObject
  /** `x-oss-copy-source-version-id` where the source keeps versions. */
  headers: Record<string, string>
}

/** @throws InvalidArgument, AccessDenied, NoSuchBucket, NoSuchKey, NoSuchVersion, PreconditionFailed, NotModified */
export async function getCopySource(context: KeyContext, request: ObjectRequest): Promise<CopySource> {
  const named = parseCopySource(header(request.headers, 'x-oss-copy-source') ?? '')
  const bucket = await context.mayAlso(GetObject, named)
  if (bucket.regionId !== context.bucket.regionId) {
    const reason = 'Target object does not reside in the same data center as source object.'
    throw objectError(errors.AccessDenied, { facts: { reason } })
  }
  const source = { ...context, bucket, key: named.key }
  const query = new Map(named.versionId === undefined ? [] : [['versionId', named.versionId]])
  const object = await followSymlink(source, await getTarget(source, { ...request, query }))
  checkConditions(request.headers, object, 'copy')
  refuseFrozen(object, context.clock.now())
  const version = versionHeader(source, object)['x-oss-version-id']
  return { bucket, object, headers: version === undefined ? {} : { 'x-oss-copy-source-version-id': version } }
}

/** Reads `/bucket/key[?versionId=…]`, percent-encoded. @throws InvalidArgument */
export function parseCopySource(text: string): { bucket: string; key: string; versionId?: string } {
  const fault = () =>
    invalid('x-oss-copy-source', text, say`x-oss-copy-source must be /<bucket>/<key>, percent-encoded.`)
  const [path = '', query] = text.split('?versionId=')
  let decoded: string
  try {
    decoded = decodeURIComponent(path).replace(/^\//, '')
  } catch {
    throw fault()
  }
  const slash = decoded.indexOf('/')
  const key = decoded.slice(slash + 1)
  if (slash < 1 || key === '' || query === '' || key.includes('\0')) throw fault()
  return { bucket: decoded.slice(0, slash), key, ...(query === undefined ? {} : { versionId: query }) }
}
