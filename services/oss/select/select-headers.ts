import type { StoredObject } from '../domain/stored-object.ts'
import { describeObject } from '../object-headers.ts'
import type { KeyContext } from '../operation.ts'

/** Of the bytes of the object, not of the answer's. */
const ofBytes: ReadonlySet<string> = new Set([
  'accept-ranges',
  'content-encoding',
  'content-md5',
  'x-oss-hash-crc64ecma',
])

/** Headers that describe an object of which something is selected. */
export function describeSelected(context: KeyContext, object: StoredObject): Record<string, string> {
  return Object.fromEntries(Object.entries(describeObject(context, object)).filter(([name]) => !ofBytes.has(name)))
}
