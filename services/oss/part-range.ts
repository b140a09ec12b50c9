/** `?partNumber=` of S3's clients: they read an object in the parts that it was uploaded in. */
import { say } from '@pileus/kernel/messages/text'
import { type ObjectRequest, objectError } from '@pileus/kernel/object-protocol'
import { invalid } from './domain/headers.ts'
import type { ResolvedRange } from './domain/range.ts'
import type { StoredObject } from './domain/stored-object.ts'
import { errors } from './errors.ts'
import type { KeyContext } from './operation.ts'
import { maxParts } from './operations/UploadPart.ts'
import { listSegments } from './tables/objects.ts'

/** Where the part is, and how many there are; undefined when no part is asked for. @throws InvalidArgument, InvalidPart */
export async function findPartRange(
  { store }: KeyContext,
  { dialect, query }: ObjectRequest,
  object: StoredObject,
): Promise<{ range: ResolvedRange; headers: Record<string, string> } | undefined> {
  const text = dialect === 's3' ? query.get('partNumber') : undefined
  if (text === undefined) return undefined
  const part = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (part < 1 || part > maxParts)
    throw invalid('partNumber', text, say`partNumber must be a number from 1 to ${maxParts}.`)
  const whole = { offset: 0, length: object.bytes }
  const segments = object.segmentSet === undefined ? [] : await listSegments(store.pool, object.segmentSet, whole)
  const parts = segments.map(({ offset, bytes }) => ({ offset, length: bytes }))
  const range = parts.length === 0 && part === 1 ? whole : parts[part - 1]
  if (!range) throw objectError(errors.InvalidPart, { facts: { part } })
  const headers = object.type === 'Multipart' ? { 'x-oss-mp-parts-count': String(Math.max(1, parts.length)) } : {}
  return range.length === 0 ? undefined : { range, headers }
}
