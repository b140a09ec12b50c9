import type { IncomingHttpHeaders } from 'node:http'
import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { header } from './headers.ts'

const names = {
  read: ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'],
  copy: [
    'x-oss-copy-source-if-match',
    'x-oss-copy-source-if-none-match',
    'x-oss-copy-source-if-modified-since',
    'x-oss-copy-source-if-unmodified-since',
  ],
} as const

/**
 * Checks the conditions of a request on an object.
 * @throws PreconditionFailed, NotModified (which a copy answers as PreconditionFailed does)
 */
export function checkConditions(
  headers: IncomingHttpHeaders,
  object: { etag: string; modifiedAt: Date },
  kind: keyof typeof names,
): void {
  if (!names[kind].some((name) => headers[name] !== undefined)) return
  const [ifMatch, ifNoneMatch, ifModified, ifUnmodified] = names[kind].map((name) => header(headers, name))
  // Headers have no fractions of a second.
  const modifiedMs = Math.floor(object.modifiedAt.getTime() / 1000) * 1000
  const fail = (Condition: string) => objectError(errors.PreconditionFailed, { details: { Condition } })
  const notModified = () =>
    objectError(errors.NotModified, {
      headers: { etag: `"${object.etag}"`, 'last-modified': object.modifiedAt.toUTCString() },
    })
  if (ifMatch !== undefined && !matchesEtag(ifMatch, object.etag)) throw fail('If-Match')
  const unmodifiedMs = ifUnmodified === undefined ? Number.NaN : Date.parse(ifUnmodified)
  if (ifMatch === undefined && modifiedMs > unmodifiedMs) throw fail('If-Unmodified-Since')
  if (ifNoneMatch !== undefined) {
    if (matchesEtag(ifNoneMatch, object.etag)) throw notModified()
    return
  }
  const sinceMs = ifModified === undefined ? Number.NaN : Date.parse(ifModified)
  if (modifiedMs <= sinceMs) throw notModified()
}

/** Whether the list of entity tags in a header names this one. */
export function matchesEtag(header: string, etag: string): boolean {
  return header
    .split(',')
    .map((part) => part.trim().replace(/^W\//, '').replace(/^"|"$/g, ''))
    .some((part) => part === '*' || part.toUpperCase() === etag.toUpperCase())
}
