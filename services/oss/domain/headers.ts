/** Reading what a request says about the object it writes. */

import type { IncomingHttpHeaders } from 'node:http'
import { say, type Text } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { type Acl, acls, type StorageClass, storageClasses, type Tag } from './bucket.ts'
import type { ObjectMeta } from './stored-object.ts'

/** Largest user metadata of an object, names and values together, in bytes. */
const maxUserMetaBytes = 8 * 1024

export const defaultContentType = 'application/octet-stream'

const keptHeaders = ['cache-control', 'content-disposition', 'content-encoding', 'content-language', 'expires'] as const

export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

/** @throws InvalidArgument when the user metadata is too large */
export function readMeta(headers: IncomingHttpHeaders): ObjectMeta {
  const kept: Record<string, string> = {}
  const user: Record<string, string> = {}
  for (const name of keptHeaders) {
    const value = header(headers, name)
    if (value !== undefined) kept[name] = utf8(value)
  }
  let size = 0
  for (const name of Object.keys(headers)) {
    if (!name.startsWith('x-oss-meta-')) continue
    const value = header(headers, name) ?? ''
    size += name.length - 'x-oss-meta-'.length + value.length
    if (size > maxUserMetaBytes) {
      throw invalid('x-oss-meta', '', say`The user metadata of an object may have ${maxUserMetaBytes} bytes.`)
    }
    user[name.slice('x-oss-meta-'.length)] = utf8(value)
  }
  return {
    ...(Object.keys(kept).length > 0 ? { headers: kept } : {}),
    ...(size > 0 ? { user } : {}),
  }
}

/** Node gives headers as Latin-1, whatever their bytes are; kept as text they must be what was meant. */
function utf8(value: string): string {
  for (let i = 0; i < value.length; i += 1) {
    if (value.charCodeAt(i) > 127) return Buffer.from(value, 'latin1').toString('utf8').replaceAll('\0', '')
  }
  return value
}

/** The reverse, so that the same bytes leave that came. */
export function headerBytes(value: string): string {
  for (let i = 0; i < value.length; i += 1) {
    if (value.charCodeAt(i) > 127) return Buffer.from(value, 'utf8').toString('latin1')
  }
  return value
}

/** @throws InvalidArgument */
export function readBucketAcl(headers: IncomingHttpHeaders): Acl | undefined {
  return parseAcl(header(headers, 'x-oss-acl'), 'x-oss-acl')
}

/** `default` and nothing both mean the bucket's. @throws InvalidArgument */
export function readObjectAcl(headers: IncomingHttpHeaders): Acl | undefined {
  const value = header(headers, 'x-oss-object-acl')
  return value === 'default' ? undefined : parseAcl(value, 'x-oss-object-acl')
}

function parseAcl(value: string | undefined, name: string): Acl | undefined {
  // Terraform sends an empty one.
  if (value === undefined || value === '') return undefined
  if ((acls as readonly string[]).includes(value)) return value as Acl
  throw invalid(name, value, say`The ACL must be one of ${acls.join(', ')}.`)
}

/** @throws InvalidStorageClass */
export function readStorageClass(headers: IncomingHttpHeaders, otherwise: StorageClass): StorageClass {
  return parseStorageClass(header(headers, 'x-oss-storage-class'), otherwise)
}

export function parseStorageClass(value: string | undefined, otherwise: StorageClass): StorageClass {
  if (value === undefined || value === '') return otherwise
  if ((storageClasses as readonly string[]).includes(value)) return value as StorageClass
  throw objectError(errors.InvalidStorageClass, {
    facts: { value: value.slice(0, 64), accepted: storageClasses.join(', ') },
  })
}

/** Tags as `a=1&b=2`, percent-encoded. @throws InvalidTag */
export function readTagHeader(headers: IncomingHttpHeaders): Tag[] {
  const value = header(headers, 'x-oss-tagging')
  if (value === undefined || value === '') return []
  return checkTags(
    [...new URLSearchParams(value)].map(([key, text]) => ({ key, value: text })),
    maxObjectTags,
  )
}

/** What keys and values of the tags of objects are made of. */
export const tagCharacters = /^[\p{L}\p{N}\p{M} +\-=._:/@]*$/u

/** Most tags of an object; a bucket may have more, with any characters. */
const maxObjectTags = 10

/** @throws InvalidTag */
export function checkTags(tags: Tag[], limit: number): Tag[] {
  const fault =
    tags.length > limit
      ? `there may be ${limit}.`
      : new Set(tags.map((tag) => tag.key)).size < tags.length
        ? 'a key is there twice.'
        : tags.map((tag) => faultOf(tag, limit > maxObjectTags)).find((text) => text !== undefined)
  if (fault) throw objectError(errors.InvalidTag, { facts: { reason: fault } })
  return tags
}

function faultOf({ key, value }: Tag, isFree: boolean): string | undefined {
  if (key.length < 1 || key.length > 128) return 'a key has 1 to 128 characters.'
  if (value.length > 256) return `the value of "${key}" has more than 256 characters.`
  if (isFree) return undefined
  if (!tagCharacters.test(key) || !tagCharacters.test(value)) return `"${key}" holds characters that tags may not have.`
  return undefined
}

export function invalid(name: string, value: string, reason: Text) {
  return objectError(errors.InvalidArgument, {
    facts: { reason },
    details: { ArgumentName: name, ArgumentValue: value.slice(0, 256) },
  })
}

/** Tags that a bucket is made with. @throws InvalidTag */
export function readTagBucketHeader(headers: IncomingHttpHeaders): Tag[] {
  const value = header(headers, 'x-oss-bucket-tagging')
  return value
    ? checkTags(
        [...new URLSearchParams(value)].map(([key, text]) => ({ key, value: text })),
        20,
      )
    : []
}
