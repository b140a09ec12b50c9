/** Access logs of a bucket: where they go, and one line per request in the vendor's order of fields. */
import { say } from '@pileus/kernel/messages/text'
import { objectError, type XmlElement } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { allowOnly, findChild, malformedXml, textsOf } from './xml.ts'
import { findOnly, findValue, getValue } from './xml-values.ts'

export interface AccessLogging {
  targetBucket: string
  targetPrefix: string
  role: string | undefined
}

/** Headers and query parameters that lines end with besides. */
export interface LogFields {
  headers: string[]
  parameters: string[]
}

/** Most fields of one's own, and longest name of one. */
const maxFields = 6
const maxFieldBytes = 1024

/** Longest prefix, so that the name of the bucket and the time follow it in a key. */
const maxPrefixBytes = 256

/** Undefined when the document turns logging off. @throws MalformedXML, InvalidTargetBucketForLogging */
export function readLogging(root: XmlElement): AccessLogging | undefined {
  allowOnly(root, 'LoggingEnabled')
  const enabled = findOnly(root, 'LoggingEnabled')
  if (!enabled) return undefined
  allowOnly(enabled, 'TargetBucket', 'TargetPrefix', 'LoggingRole')
  const targetPrefix = findValue(enabled, 'TargetPrefix') ?? ''
  if (Buffer.byteLength(targetPrefix) > maxPrefixBytes || !/^(?:\p{L}\P{Cc}*)?$/u.test(targetPrefix)) {
    throw objectError(errors.InvalidArgument, {
      facts: {
        reason: say`TargetPrefix begins with a letter, has up to ${maxPrefixBytes} bytes and no control characters.`,
      },
    })
  }
  return {
    targetBucket: getValue(enabled, 'TargetBucket'),
    targetPrefix,
    role: findValue(enabled, 'LoggingRole') || undefined,
  }
}

export function describeLogging(logging: AccessLogging | undefined): object {
  if (!logging) return {}
  const { targetBucket, targetPrefix, role } = logging
  return { LoggingEnabled: { TargetBucket: targetBucket, TargetPrefix: targetPrefix, LoggingRole: role } }
}

/** @throws MalformedXML */
export function readLogFields(root: XmlElement): LogFields {
  allowOnly(root, 'HeaderSet', 'ParamSet')
  const headers = readSet(findChild(root, 'HeaderSet'), 'header').map((name) => name.toLowerCase())
  const parameters = readSet(findChild(root, 'ParamSet'), 'parameter')
  if (headers.length + parameters.length > maxFields) throw malformedXml(say`there may be ${maxFields} fields.`)
  return { headers, parameters }
}

function readSet(set: XmlElement | undefined, name: string): string[] {
  if (!set) return []
  allowOnly(set, name)
  const names = textsOf(set, name)
  if (names.some((one) => one === '' || Buffer.byteLength(one) > maxFieldBytes)) {
    throw malformedXml(say`a ${name} has 1 to ${maxFieldBytes} bytes.`)
  }
  return [...new Set(names)]
}

export function describeLogFields({ headers, parameters }: LogFields): object {
  return { HeaderSet: { header: headers }, ParamSet: { parameter: parameters } }
}

/** A finished request on a bucket, as a line of the log tells it. Sizes in bytes, durations in milliseconds. */
export interface LoggedRequest {
  at: Date
  remoteIp: string
  method: string
  /** As it was sent, with the query. */
  target: string
  httpVersion: string
  status: number
  sentBytes: number
  durationMs: number
  serverMs: number
  referer: string | undefined
  userAgent: string | undefined
  host: string
  requestId: string
  requesterId: string
  operation: string
  bucket: string
  key: string | undefined
  objectBytes: number | undefined
  errorCode: string | undefined
  requestBytes: number
  ownerId: string
  syncRequest: 'cdn' | undefined
  storageClass: string | undefined
  accessKeyId: string | undefined
  /** Values of the fields that the bucket asked for, as `name=value` pairs. */
  ownFields: string | undefined
}

/** Without the line feed. What a client could use to break out of its field is escaped. */
export function formatLogLine(call: LoggedRequest): string {
  return [
    call.remoteIp,
    '-',
    '-',
    `[${logTime(call.at)}]`,
    quote(`${call.method} ${call.target} HTTP/${call.httpVersion}`),
    call.status,
    call.sentBytes,
    Math.round(call.durationMs),
    quote(call.referer),
    quote(call.userAgent),
    quote(call.host),
    quote(call.requestId),
    quote('true'),
    quote(call.requesterId),
    quote(call.operation),
    quote(call.bucket),
    quote(call.key === undefined ? undefined : encodeURIComponent(call.key)),
    call.objectBytes ?? '-',
    Math.round(call.serverMs),
    quote(call.errorCode),
    call.requestBytes,
    quote(call.ownerId),
    '-',
    quote(call.syncRequest),
    quote(call.storageClass),
    quote(undefined),
    quote(undefined),
    quote(call.accessKeyId),
    quote(`acs:oss:::${call.bucket}`),
    ...(call.ownFields === undefined ? [] : [quote(call.ownFields)]),
  ].join(' ')
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `02/Feb/2026:12:46:24 +0000`. */
function logTime(at: Date): string {
  const [date = '', time = ''] = at.toISOString().split('T')
  const [year, month, day] = date.split('-')
  return `${day}/${months[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`
}

function quote(text: string | undefined): string {
  if (text === undefined || text === '') return '"-"'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they would break the line
  return `"${text.replace(/["\\\u0000-\u001f\u007f]/g, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`
}

/** `<prefix><bucket>2026-02-23-12-00-00-<suffix>`: the hour that the lines are of. */
export function logObjectKey(prefix: string, bucket: string, hour: Date, suffix: string): string {
  const stamp = hour.toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '-')
  return `${prefix}${bucket}${stamp}-${suffix}`
}
