/** HMAC-SHA256 signatures: OSS version 4 and S3 version 4, in the header and in the URL. */

import { createHmac, hash } from 'node:crypto'
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
  const read = readAuthorization(headerOf(request.headers, 'authorization') ?? '')
  if (!read) return undefined
  const { signer, signature } = read
  const { names } = signer
  const own = headerOf(request.headers, `${names.headerPrefix}date`)
  const timestamp = own ?? headerOf(request.headers, 'date') ?? ''
  const payload = headerOf(request.headers, `${names.headerPrefix}content-sha256`)
  const signedAt = parseDateHeader(timestamp)
  return {
    where: 'header',
    signedAt,
    expiresAt: undefined,
    startsAt: undefined,
    securityToken: headerOf(request.headers, `${names.headerPrefix}security-token`),
    ...verifier(request, signer, {
      signature,
      timestamp,
      signedAt,
      payload: payload ?? 'UNSIGNED-PAYLOAD',
      query: request.query,
    }),
  }
}

const maxSigners = 1_000
/** By what stands before the signature in the header, which is the same in all requests of a client for a day. */
const signers = new Map<string, Signer>()

/** @throws InvalidArgument */
function readAuthorization(authorization: string): { signer: Signer; signature: string } | undefined {
  const names = authorization.startsWith(`${s3.algorithm} `)
    ? s3
    : authorization.startsWith(`${oss.algorithm} `)
      ? oss
      : undefined
  if (!names) return undefined
  const end = authorization.lastIndexOf('Signature=')
  const before = authorization.slice(0, Math.max(0, end))
  const known = signers.get(before)
  const last = authorization.slice(end + 'Signature='.length)
  if (known && !last.includes(',')) return { signer: known, signature: last.trim() }
  const fields = new Map<string, string>()
  for (const part of authorization.slice(names.algorithm.length).split(',')) {
    const equals = part.indexOf('=')
    fields.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim())
  }
  const signedNames = fields.get(names === oss ? 'AdditionalHeaders' : 'SignedHeaders') ?? ''
  const signer = signerOf(names, fields.get('Credential') ?? '', signedNames)
  const signature = fields.get('Signature') ?? ''
  if (signature === last.trim()) {
    if (signers.size >= maxSigners) signers.clear()
    signers.set(before, signer)
  }
  return { signer, signature }
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
    ...verifier(request, signerOf(names, get('credential', 'Credential'), get('additional-headers', 'SignedHeaders')), {
      signature: query.get(signatureKey) ?? '',
      timestamp,
      signedAt: startsAt,
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

/** What a signature says of who made it, and over which headers. */
interface Signer extends ReturnType<typeof parseCredential> {
  names: Names
  /** As they were sent, separated by semicolons. */
  signedNames: string
  /** The same in lower case, sorted, each once. */
  signedHeaders: readonly string[]
}

/** @throws InvalidArgument */
function signerOf(names: Names, credential: string, signedNames: string): Signer {
  const signedHeaders = signedNames === '' ? [] : [...new Set(signedNames.toLowerCase().split(';'))].sort()
  return { ...parseCredential(names.scheme, credential), names, signedNames, signedHeaders }
}

interface Given {
  signature: string
  timestamp: string
  /** What `timestamp` means. */
  signedAt: Date | undefined
  payload: string
  query: readonly QueryPair[]
}

function verifier(request: Signable, signer: Signer, given: Given) {
  const { names, accessKeyId, date, region, scope, signedNames } = signer
  const { signedAt } = given
  if (signedAt && signedAt.toISOString().slice(0, 10).replaceAll('-', '') !== date) {
    throw malformed(say`The date of the credential is not the date of the request.`)
  }
  if (names === s3) refuseUnsigned(request, signer)
  const headerLines = canonicalHeaders(request, signer)
  const toSign = (address: Address, query: string): string => {
    const canonical = `${request.method}\n${canonicalPath(request, names, address)}\n${query}\n${headerLines}\n${signedNames}\n${given.payload}`
    return `${names.algorithm}\n${given.timestamp}\n${scope.join('/')}\n${hash('sha256', canonical)}`
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

function canonicalHeaders({ headers }: Signable, { names, signedHeaders }: Signer): string {
  let lines = ''
  for (const name of names === s3 ? signedHeaders : ossHeaders(headers, signedHeaders)) {
    const value = (headerOf(headers, name) ?? '').trim()
    lines += `${name}:${names === s3 ? value.replace(/ +/g, ' ') : value}\n`
  }
  return lines
}

/** OSS signs all headers of its own, and of the others those that are named and there. */
function ossHeaders(headers: Signable['headers'], signedHeaders: readonly string[]): string[] {
  const wanted = new Set(signedHeaders.filter((name) => headers[name] !== undefined))
  for (const name of Object.keys(headers)) {
    if (name.startsWith('x-oss-') || name === 'content-type' || name === 'content-md5') wanted.add(name)
  }
  return [...wanted].sort()
}

/** Says nothing about the object: how the body travels, and who sends it. */
const mayBeUnsigned = new Set(['x-amz-content-sha256', 'x-amz-user-agent'])

/**
 * S3's clients say themselves which headers they sign. Whoever is handed a signed URL must not add, say, the source of
 * a copy.
 * @throws AccessDenied
 */
function refuseUnsigned({ headers }: Signable, { signedHeaders }: Signer): void {
  const name = Object.keys(headers).find(
    (one) => one.startsWith('x-amz-') && !signedHeaders.includes(one) && !mayBeUnsigned.has(one),
  )
  if (name === undefined) return
  const reason = `The header ${name} is present in the request and was not signed.`
  throw objectError(ossErrors.AccessDenied, { facts: { reason }, details: { HeadersNotSigned: name } })
}

function malformed(reason: Text) {
  return objectError(ossErrors.InvalidArgument, { facts: { reason } })
}
