/** OSS signatures of version 2: HMAC-SHA256 of the whole query; older SDKs for Python and Go make them. */
import { createHmac } from 'node:crypto'
import { percentEncode } from '../../protocols/percent.ts'
import { isSameSignature } from '../../signatures/signed-request.ts'
import type { Address } from '../address.ts'
import type { QueryPair } from '../query.ts'
import { headerOf, type ObjectSignature, parseDateHeader, type Signable } from './signable.ts'

interface Given {
  accessKeyId: string
  signature: string
  /** Names of headers that are signed besides those of OSS, in lower case, separated by semicolons. */
  additional: string
  /** The header's date, or when the URL expires. */
  dateLine: string
  query: readonly QueryPair[]
}

/** Reads `OSS2 AccessKeyId:…,AdditionalHeaders:…,Signature:…`; undefined when it is another version. */
export function readV2Header(request: Signable): ObjectSignature | undefined {
  const authorization = headerOf(request.headers, 'authorization') ?? ''
  const parts = /^OSS2 AccessKeyId:([^,\s]+),(?:AdditionalHeaders:([^,\s]*),)?Signature:(\S+)$/.exec(authorization)
  if (!parts) return undefined
  const [, accessKeyId = '', additional = '', signature = ''] = parts
  const date = headerOf(request.headers, 'x-oss-date') ?? headerOf(request.headers, 'date')
  return {
    where: 'header',
    signedAt: parseDateHeader(date),
    expiresAt: undefined,
    securityToken: headerOf(request.headers, 'x-oss-security-token'),
    ...verifier(request, { accessKeyId, signature, additional, dateLine: date ?? '', query: request.query }),
  }
}

/** Reads a signed URL; undefined when its signature is of another version. */
export function readV2Query(request: Signable): ObjectSignature | undefined {
  const query = new Map(request.query.map((pair) => [pair.name, pair.value]))
  if (query.get('x-oss-signature-version') !== 'OSS2') return undefined
  const expires = query.get('x-oss-expires') ?? ''
  return {
    where: 'query',
    signedAt: undefined,
    expiresAt: /^\d{1,12}$/.test(expires) ? new Date(Number(expires) * 1000) : new Date(0),
    securityToken: query.get('security-token'),
    ...verifier(request, {
      accessKeyId: query.get('x-oss-access-key-id') ?? '',
      signature: query.get('x-oss-signature') ?? '',
      additional: query.get('x-oss-additional-headers') ?? '',
      dateLine: expires,
      query: request.query.filter((pair) => pair.name !== 'x-oss-signature'),
    }),
  }
}

function verifier(request: Signable, given: Given) {
  return {
    scheme: 'oss-v2',
    accessKeyId: given.accessKeyId,
    signature: given.signature,
    startsAt: undefined,
    regionId: undefined,
    stringToSign: stringToSign(request, given, request.addresses[0]!),
    match(secret: string) {
      for (const address of request.addresses) {
        const text = stringToSign(request, given, address)
        const expected = createHmac('sha256', secret).update(text).digest('base64')
        if (isSameSignature(given.signature, expected)) return { address }
      }
      return undefined
    },
  } as const
}

function stringToSign({ method, headers }: Signable, given: Given, { bucket, key }: Address): string {
  const additional = given.additional.toLowerCase().split(';').filter(Boolean).sort()
  const lines = Object.keys(headers)
    .filter((name) => name.startsWith('x-oss-') || additional.includes(name))
    .sort()
    .map((name) => `${name}:${headerOf(headers, name)}\n`)
    .join('')
  const query = given.query
    .map(({ name, value }) => [percentEncode(name), percentEncode(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .join('&')
  const path = percentEncode(bucket === undefined ? '/' : `/${bucket}/${key ?? ''}`)
  const about = [method, headerOf(headers, 'content-md5') ?? '', headerOf(headers, 'content-type') ?? '']
  return `${about.join('\n')}\n${given.dateLine}\n${lines}${additional.join(';')}\n${path}${query === '' ? '' : `?${query}`}`
}
