/** HMAC-SHA256 signatures: OSS version 4 and S3 version 4, in the header and in the URL. */

import { createHash, createHmac } from 'node:crypto'
import { say, type Text } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { percentEncode } from '../../protocols/percent.ts'
import { isSameSignature } from '../../signatures/signed-request.ts'
import type { Address } from '../address.ts'
import { ossErrors } from '../errors.ts'
import type { QueryPair } from '../query.ts'
import { headerOf, type ObjectSignature, parseBasicTimestamp, parseDateHeader, type Signable } from './signable.ts'

/** Longest life of a signed URL, in seconds. */
const maxExpiresSeconds = 604_800

interface Names {
  scheme: 'oss-v4' | 's3-v4'
  algorithm: string
  keyPrefix: string
  terminator: string
  products: readonly string[]
  headerPrefix: string
}

const oss: Names = {
  scheme: 'oss-v4',
  algorithm: 'OSS4-HMAC-SHA256',
  keyPrefix: 'aliyun_v4',
  terminator: 'aliyun_v4_request',
  products: ['oss', 'oss-cloudbox'],
  headerPrefix: 'x-oss-',
}
const s3: Names = {
  scheme: 's3-v4',
  algorithm: 'AWS4-HMAC-SHA256',
  keyPrefix: 'AWS4',
  terminator: 'aws4_request',
  products: ['s3'],
  headerPrefix: 'x-amz-',
}

/** @throws InvalidArgument when it is a version 4 signature but not a well-formed one */
export function readV4Header(request: Signable): ObjectSignature | undefined {
  const authorization = headerOf(request.headers, 'authorization') ?? ''
  const names = [oss, s3].find(({ algorithm }) => authorization.startsWith(`${algorithm} `))
  if (!names) return undefined
  const fields = new Map<string, string>()
  for (const part of authorization.slice(names.algorithm.length).split(',')) {
    const equals = part.indexOf('=')
    fields.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim())
  }
  const signedNames = fields.get(names === oss ? 'AdditionalHeaders' : 'SignedHeaders') ?? ''
  const own = headerOf(request.headers, `${names.headerPrefix}date`)
  const timestamp = own ?? headerOf(request.headers, 'date') ?? ''
  const payload = headerOf(request.headers, `${names.headerPrefix}content-sha256`)
  return {
    where: 'header',
    signedAt: parseDateHeader(timestamp),
    expiresAt: undefined,
    startsAt: undefined,
    securityToken: headerOf(request.headers, `${names.headerPrefix}security-token`),
    ...verifier(request, names, {
      credential: fields.get('Credential') ?? '',
      signature: fields.get('Signature') ?? '',
      signedNames,
      timestamp,
      payload: payload ?? 'UNSIGNED-PAYLOAD',
      query: request.query,
    }),
  }
}

/** @throws InvalidArgument when it is a version 4 signature but not a well-formed one */
export function readV4Query(request: Signable): ObjectSignature | undefined {
  const query = new Map(request.query.map((pair) => [pair.name, pair.value]))
  const isOss = query.get('x-oss-signature-version') === oss.algorithm
  if (!isOss && query.get('X-Amz-Algorithm') !== s3.algorithm) return undefined
  const names = isOss ? oss : s3
  const get = (ossName: string, s3Name: string): string =>
    query.get(isOss ? `x-oss-${ossName}` : `X-Amz-${s3Name}`) ?? ''
  const timestamp = get('date', 'Date')
  const startsAt = parseBasicTimestamp(timestamp)
  const expires = get('expires', 'Expires')
  if (!/^\d{1,7}$/.test(expires) || Number(expires) < 1 || Number(expires) > maxExpiresSeconds) {
    throw malformed(say`A signed URL is good for 1 to ${maxExpiresSeconds} seconds.`)
  }
  if (!startsAt) throw malformed(say`The date of the signature is not of the form 20260223T124624Z.`)
  const signatureKey = isOss ? 'x-oss-signature' : 'X-Amz-Signature'
  return {
    where: 'query',
    signedAt: undefined,
    startsAt,
    expiresAt: new Date(startsAt.getTime() + Number(expires) * 1000),
    securityToken: get('security-token', 'Security-Token') || undefined,
    ...verifier(request, names, {
      credential: get('credential', 'Credential'),
      signature: query.get(signatureKey) ?? '',
      signedNames: get('additional-headers', 'SignedHeaders'),
      timestamp,
      payload: (isOss ? undefined : headerOf(request.headers, 'x-amz-content-sha256')) ?? 'UNSIGNED-PAYLOAD',
      query: request.query.filter((pair) => pair.name !== signatureKey),
    }),
  }
}

const maxSigningKeys = 1_000
/** A key is good for a day and a place, and costs more to make than a signature. */
const signingKeys = new Map<string, Buffer>()

/** The key that signs strings of `scope`. */
export function signingKeyOf(scheme: 'oss-v4' | 's3-v4', secret: string, scope: readonly string[]): Buffer {
  const { keyPrefix } = scheme === 'oss-v4' ? oss : s3
  const name = `${keyPrefix}${secret}/${scope.join('/')}`
  const known = signingKeys.get(name)
  if (known) return known
  let key: Buffer | string = keyPrefix + secret
  for (const part of scope) key = createHmac('sha256', key).update(part).digest()
  if (signingKeys.size >= maxSigningKeys) signingKeys.clear()
  signingKeys.set(name, key as Buffer)
  return key as Buffer
}

/** Splits `<key>/<yyyymmdd>/<region>/<product>/<terminator>`. @throws InvalidArgument */
export function parseCredential(scheme: 'oss-v4' | 's3-v4', credential: string) {
  const names = scheme === 'oss-v4' ? oss : s3
  const [accessKeyId = '', date = '', region = '', product = '', terminator = '', ...rest] = credential.split('/')
  const isWellFormed =
    /^\d{8}$/.test(date) && names.products.includes(product) && terminator === names.terminator && rest.length === 0
  if (isWellFormed && region === '') throw malformed(say`The signing region in credential is invalid.`)
  if (!isWellFormed || accessKeyId === '') {
    throw malformed(say`The credential must be <key>/<yyyymmdd>/<region>/${names.products[0]}/${names.terminator}.`)
  }
  return { accessKeyId, date, region, scope: [date, region, product, terminator] }
}

interface Given {
  credential: string
  signature: string
  signedNames: string
  timestamp: string
  payload: string
  query: readonly QueryPair[]
}

function verifier(request: Signable, names: Names, given: Given) {
  const { accessKeyId, date, region, scope } = parseCredential(names.scheme, given.credential)
  const signedAt = parseDateHeader(given.timestamp)
  if (signedAt && signedAt.toISOString().slice(0, 10).replaceAll('-', '') !== date) {
    throw malformed(say`The date of the credential is not the date of the request.`)
  }
  if (names === s3) refuseUnsigned(request, given.signedNames)
  const headerLines = canonicalHeaders(request, names, given.signedNames)
  const toSign = (address: Address, query: string): string => {
    const canonical = `${request.method}\n${canonicalPath(request, names, address)}\n${query}\n${headerLines}\n${given.signedNames}\n${given.payload}`
    const digest = createHash('sha256').update(canonical).digest('hex')
    return `${names.algorithm}\n${given.timestamp}\n${scope.join('/')}\n${digest}`
  }
  const queries = canonicalQueries(given.query, names)
  const stringToSign = toSign(request.addresses[0]!, queries[0]!)
  return {
    scheme: names.scheme,
    accessKeyId,
    signature: given.signature,
    regionId: names === oss ? region.replace(/^oss-/, '') : region,
    stringToSign,
    match(secret: string) {
      const signingKey = signingKeyOf(names.scheme, secret, scope)
      for (const address of request.addresses) {
        for (const query of queries) {
          const isLikely = address === request.addresses[0] && query === queries[0]
          const text = isLikely ? stringToSign : toSign(address, query)
          const expected = createHmac('sha256', signingKey).update(text).digest('hex')
          if (!isSameSignature(given.signature, expected)) continue
          return {
            address,
            seed: { signature: given.signature, signingKey, timestamp: given.timestamp, scope: scope.join('/') },
          }
        }
      }
      return undefined
    },
  }
}

function canonicalPath(request: Signable, names: Names, address: Address): string {
  // OSS signs what is meant, S3 what is sent.
  const path =
    names === s3 ? request.path : address.bucket === undefined ? '/' : `/${address.bucket}/${address.key ?? ''}`
  return path.split('/').map(percentEncode).join('/')
}

/** Clients disagree about values that are empty; each spelling is accepted. */
function canonicalQueries(pairs: readonly QueryPair[], names: Names): string[] {
  const spell = (withEquals: (pair: QueryPair) => boolean): string =>
    pairs
      .map((pair) => ({ name: percentEncode(pair.name), value: percentEncode(pair.value), pair }))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
      .map(({ name, value, pair }) => (value !== '' || withEquals(pair) ? `${name}=${value}` : name))
      .join('&')
  if (names === s3) return [spell(() => true)]
  if (pairs.every((pair) => pair.value !== '')) return [spell(() => false)]
  return [...new Set([spell(() => false), spell((pair) => pair.hasEquals), spell(() => true)])]
}

function canonicalHeaders({ headers }: Signable, names: Names, signedNames: string): string {
  const wanted = new Set(signedNames === '' ? [] : signedNames.split(';').map((name) => name.toLowerCase()))
  if (names === oss) {
    for (const name of Object.keys(headers)) {
      if (name.startsWith('x-oss-') || name === 'content-type' || name === 'content-md5') wanted.add(name)
    }
  }
  return [...wanted]
    .sort()
    .filter((name) => names === s3 || headers[name] !== undefined)
    .map((name) => `${name}:${(headerOf(headers, name) ?? '').trim().replace(/ +/g, names === s3 ? ' ' : '$&')}\n`)
    .join('')
}

/** Says nothing about the object: how the body travels, and who sends it. */
const mayBeUnsigned = new Set(['x-amz-content-sha256', 'x-amz-user-agent'])

/**
 * S3's clients say themselves which headers they sign. Whoever is handed a signed URL must not add, say, the source of
 * a copy.
 * @throws AccessDenied
 */
function refuseUnsigned({ headers }: Signable, signedNames: string): void {
  const signed = new Set(signedNames.toLowerCase().split(';'))
  const name = Object.keys(headers).find(
    (one) => one.startsWith('x-amz-') && !signed.has(one) && !mayBeUnsigned.has(one),
  )
  if (name === undefined) return
  const reason = `The header ${name} is present in the request and was not signed.`
  throw objectError(ossErrors.AccessDenied, { facts: { reason }, details: { HeadersNotSigned: name } })
}

function malformed(reason: Text) {
  return objectError(ossErrors.InvalidArgument, { facts: { reason } })
}
