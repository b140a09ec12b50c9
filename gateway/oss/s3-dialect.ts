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

/** Answers' headers: S3 clients read `x-amz-*`, and compare entity tags with lower-case MD5. */
export function headersToS3(headers: Readonly<Record<string, string>>): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (name === 'etag') out[name] = value.toLowerCase()
    else if (name === 'x-oss-storage-class') out['x-amz-storage-class'] = storageClassToS3(value)
    else if (name === 'x-oss-server-side-encryption')
      out['x-amz-server-side-encryption'] = value === 'KMS' ? 'aws:kms' : value
    else if (name === 'x-oss-server-side-encryption-key-id') out['x-amz-server-side-encryption-aws-kms-key-id'] = value
    else if (name.startsWith('x-oss-')) out[`x-amz-${name.slice('x-oss-'.length)}`] = value
    else out[name] = value
  }
  return out
}

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
