/** Turns the headers of S3 clients into ours, and ours into theirs. Operations know the OSS names only. */
import type { IncomingHttpHeaders } from 'node:http'

const storageClasses: Readonly<Record<string, string>> = {
  STANDARD: 'Standard',
  STANDARD_IA: 'IA',
  GLACIER: 'Archive',
  DEEP_ARCHIVE: 'ColdArchive',
}
const s3StorageClasses = new Map(Object.entries(storageClasses).map(([s3, oss]) => [oss, s3]))

/** Headers of S3 that are about the transfer, not about the object. */
const transferHeaders = new Set(['x-amz-content-sha256', 'x-amz-date', 'x-amz-decoded-content-length', 'x-amz-trailer'])

const renamed: Readonly<Record<string, string>> = {
  'x-amz-server-side-encryption-aws-kms-key-id': 'x-oss-server-side-encryption-key-id',
}

export function headersFromS3(headers: IncomingHttpHeaders, isObject: boolean): IncomingHttpHeaders {
  const out: IncomingHttpHeaders = {}
  for (const [name, value] of Object.entries(headers)) {
    // S3's signatures do not cover headers of OSS, so they may not mean anything.
    if (name.startsWith('x-oss-')) continue
    if (!name.startsWith('x-amz-')) out[name] = value
    else if (name === 'x-amz-acl') out[isObject ? 'x-oss-object-acl' : 'x-oss-acl'] = value
    else if (name === 'x-amz-storage-class') out['x-oss-storage-class'] = storageClasses[String(value)] ?? String(value)
    else if (name === 'x-amz-server-side-encryption')
      out['x-oss-server-side-encryption'] = value === 'aws:kms' ? 'KMS' : value
    else if (!transferHeaders.has(name)) out[renamed[name] ?? `x-oss-${name.slice('x-amz-'.length)}`] = value
  }
  // S3 frames its streams with this; the object is not encoded.
  const encoding = out['content-encoding']
  if (encoding !== undefined) {
    const rest = encoding
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== 'aws-chunked')
    if (rest.length > 0) out['content-encoding'] = rest.join(', ')
    else delete out['content-encoding']
  }
  return out
}

/** Answers' headers as names and values in turn: S3 clients read `x-amz-*`, and compare entity tags with lower-case MD5. */
export function headerListForS3(headers: Readonly<Record<string, string>>): string[] {
  const list: string[] = []
  for (const name of Object.keys(headers)) {
    const value = headers[name]!
    list.push(
      usualNames.get(name) ?? nameToS3(name),
      name === 'etag'
        ? value.toLowerCase()
        : name === 'x-oss-storage-class'
          ? storageClassToS3(value)
          : name === 'x-oss-server-side-encryption' && value === 'KMS'
            ? 'aws:kms'
            : value,
    )
  }
  return list
}

function nameToS3(name: string): string {
  if (name === 'x-oss-server-side-encryption-key-id') return 'x-amz-server-side-encryption-aws-kms-key-id'
  return name.startsWith('x-oss-') ? `x-amz-${name.slice('x-oss-'.length)}` : name
}

/** Those of most answers, with their names made once. */
const usualNames = new Map(
  `accept-ranges content-length content-md5 content-type date etag last-modified server x-oss-hash-crc64ecma
  x-oss-object-type x-oss-request-id x-oss-server-time x-oss-storage-class x-oss-version-id`
    .split(/\s+/)
    .map((name) => [name, nameToS3(name)]),
)

function storageClassToS3(value: string): string {
  return s3StorageClasses.get(value) ?? value.toUpperCase()
}

/** The same for elements of XML answers. */
export function xmlToS3(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => xmlToS3(item, name))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, xmlToS3(item, key)]))
  }
  if (typeof value !== 'string') return value
  if (name === 'ETag') return value.toLowerCase()
  return name === 'StorageClass' ? storageClassToS3(value) : value
}
