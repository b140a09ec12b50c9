import type { IncomingHttpHeaders } from 'node:http'
import type { Address } from '../address.ts'
import type { QueryPair } from '../query.ts'

/** What signatures are made of. */
export interface Signable {
  method: string
  /** Names in lower case. */
  headers: IncomingHttpHeaders
  /** Before the `?`, decoded. */
  path: string
  /** The same as it was sent. */
  sentPath: string
  query: readonly QueryPair[]
  /** The readings of host and path; the signature says which is meant. */
  addresses: readonly Address[]
}

/** A signature as the request carries it. */
export interface ObjectSignature {
  scheme: 'oss-v1' | 'oss-v2' | 'oss-v4' | 's3-v2' | 's3-v4'
  where: 'header' | 'query'
  accessKeyId: string
  securityToken: string | undefined
  /** When it was made, which has to be about now; undefined where it has an end instead. */
  signedAt: Date | undefined
  /** When it stops being good; for signed URLs. */
  expiresAt: Date | undefined
  /** When it begins to be good; for signed URLs of version 4. */
  startsAt: Date | undefined
  /** The region it is for. */
  regionId: string | undefined
  /** As shown to the client when signatures differ. */
  stringToSign: string
  signature: string
  /** The reading for which `secret` makes this signature. */
  match(secret: string): SignatureMatch | undefined
}

export interface SignatureMatch {
  address: Address
  /** What signs the chunks of a body, where chunks are signed. */
  seed?: { signature: string; signingKey: Buffer; timestamp: string; scope: string }
}

/** What the client signed: its text, where Node gives the bytes of a header as Latin-1. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const given = headers[name]
  const value = Array.isArray(given) ? given.join(', ') : given
  return value !== undefined && /[\u0080-\u00ff]/.test(value) ? decodeText(value) : value
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decodeText(latin1: string): string {
  try {
    return utf8.decode(Buffer.from(latin1, 'latin1'))
  } catch {
    // Latin-1 indeed.
    return latin1
  }
}

/** `20260223T124624Z`; undefined unless it is a real moment. */
export function parseBasicTimestamp(text: string): Date | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (!parts) return undefined
  const [, year, month, day, hour, minute, second] = parts
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(at.getTime()) ? undefined : at
}

/** An RFC 1123 date, or the basic form that some clients put into the same header. */
export function parseDateHeader(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const basic = parseBasicTimestamp(text)
  if (basic) return basic
  const at = new Date(text)
  return Number.isNaN(at.getTime()) ? undefined : at
}
