import { say } from '@pileus/kernel/messages/text'
import type { ObjectAnswer, ObjectRequest } from '@pileus/kernel/object-protocol'
import { objectError } from '@pileus/kernel/object-protocol'
import { checkConditions } from '../domain/conditions.ts'
import { header, headerBytes, invalid } from '../domain/headers.ts'
import { resolveRange } from '../domain/range.ts'
import type { StoredObject } from '../domain/stored-object.ts'
import { errors } from '../errors.ts'
import { getTarget } from '../find-target.ts'
import { describeObject } from '../object-headers.ts'
import { type KeyContext, onObject } from '../operation.ts'
import { findPartRange } from '../part-range.ts'
import { replicationHeader } from '../replication-status.ts'
import { readObject } from '../stored-bytes.ts'
import { followSymlink } from '../symlink.ts'

export const GetObject = onObject({
  name: 'GetObject',
  route: { method: 'GET' },
  permission: 'oss:GetObject',
  acl: 'read',
  run: getObject,
})

/** The object's bytes, or the range of them that is asked for. */
export async function getObject(context: KeyContext, request: ObjectRequest): Promise<ObjectAnswer> {
  const target = await getTarget(context, request)
  const object = await followSymlink(context, target)
  checkConditions(request.headers, object, 'read')
  refuseUnreadable(context, object)
  const isStandard = header(request.headers, 'x-oss-range-behavior') === 'standard' || request.dialect === 's3'
  const part = await findPartRange(context, request, object)
  const range = part?.range ?? resolveRange(header(request.headers, 'range'), object.bytes, isStandard)
  const asked = range ?? { offset: 0, length: object.bytes }
  const bytes = await readObject(context, context.bucket.bucketId, object, asked)
  const headers = describeObject(context, object)
  if (target !== object) headers['x-oss-object-type'] = 'Symlink'
  if (context.bucket.settings.isReplicated) Object.assign(headers, await replicationHeader(context, object))
  if (part) Object.assign(headers, part.headers)
  if (request.query.size > 0) Object.assign(headers, overrides(request, context.principal.kind === 'anonymous'))
  headers['content-length'] = String(asked.length)
  if (!range) return { status: 200, headers, body: { kind: 'bytes', bytes } }
  const last = range.offset + range.length - 1
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${range.offset}-${last}/${object.bytes}` },
    body: { kind: 'bytes', bytes },
  }
}

const frozen: ReadonlySet<string> = new Set(['Archive', 'ColdArchive', 'DeepColdArchive'])

/** @throws InvalidObjectState when the object is archived, and the bucket does not let archived objects be read at once */
export function refuseUnreadable({ bucket, clock }: Pick<KeyContext, 'bucket' | 'clock'>, object: StoredObject): void {
  if (bucket.settings.archiveDirectRead === true && object.storageClass === 'Archive') return
  refuseFrozen(object, clock.now())
}

/** @throws InvalidObjectState when the object is archived and no thawed copy is there now */
export function refuseFrozen(object: StoredObject, now: Date): void {
  if (!frozen.has(object.storageClass)) return
  const { restore } = object
  if (restore && new Date(restore.readyAt) <= now && now < new Date(restore.until)) return
  throw objectError(errors.InvalidObjectState, { details: { ObjectName: object.key } })
}

const overridable: Readonly<Record<string, string>> = {
  'response-content-type': 'content-type',
  'response-content-language': 'content-language',
  'response-expires': 'expires',
  'response-cache-control': 'cache-control',
  'response-content-disposition': 'content-disposition',
  'response-content-encoding': 'content-encoding',
}

/** Headers of the answer that the query sets. @throws InvalidArgument for callers that did not sign it */
export function overrides({ query }: ObjectRequest, isAnonymous: boolean): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of query) {
    const target = overridable[name]
    if (target === undefined) continue
    if (isAnonymous) throw invalid(name, value, say`${name} needs a signed request.`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no header may hold them
    if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value))
      throw invalid(name, value, say`${name} holds a control character.`)
    headers[target] = headerBytes(value)
  }
  return headers
}
