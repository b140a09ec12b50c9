/** Rules of web sites that fetch what is missing from another host (Mirror). @see docs/sources.md#oss-fetching */
import type { IncomingHttpHeaders } from 'node:http'
import { say, type Text } from '@pileus/kernel/messages/text'
import { objectError, type XmlElement } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { allowOnly, childrenOf, malformedXml, textsOf } from './xml.ts'
import { findFlag, findOnly, findValue, getValue } from './xml-values.ts'

export interface MirrorSource {
  /** Ends with a slash; the key is put after it. */
  url: string
  /** Asked when `url` does not answer. */
  slaveUrl: string | undefined
  /** Kept for the customer: whether `url` answers is seen by asking it. */
  probeUrl: string | undefined
  passQueryString: boolean
  followRedirect: boolean
  checkMd5: boolean
  /** HEAD fetches too. */
  allowHead: boolean
  headers: MirrorHeaders | undefined
}

/** What of the caller's headers the other host is sent. Names in lower case. */
export interface MirrorHeaders {
  passAll: boolean
  pass: string[]
  remove: string[]
  set: { key: string; value: string }[]
}

const maxHeaders = 10
/** What would make the answer another one, or is between the caller and us alone. */
const neverPassed =
  /^(?:authorization2?|range|if-.*|content-.*|date|host|connection|transfer-encoding|expect|cookie|te|upgrade|keep-alive|accept-encoding|proxy-.*|x-oss-.*|x-drs-.*)$/
/** May be said, and be false; what they ask for when true is not there. */
const unsupported = ['MirrorUsingRole', 'MirrorUserLastModified', 'MirrorIsExpressTunnel', 'MirrorPassOriginalSlashes']

export const mirrorElements = [
  ...['MirrorURL', 'MirrorURLSlave', 'MirrorURLProbe', 'MirrorPassQueryString', 'MirrorFollowRedirect'],
  ...['MirrorCheckMd5', 'MirrorAllowHeadObject', 'MirrorHeaders', ...unsupported],
]

/** `redirect` is of a rule whose type is Mirror. @throws MalformedXML, InvalidArgument, NotImplemented */
export function readMirrorSource(redirect: XmlElement): MirrorSource {
  const asked = unsupported.find((name) => findFlag(redirect, name))
  if (asked !== undefined) throw objectError(errors.NotImplemented, { facts: { what: `${asked} of a RoutingRule` } })
  const slaveUrl = readUrl('MirrorURLSlave', findValue(redirect, 'MirrorURLSlave'))
  const probeUrl = findValue(redirect, 'MirrorURLProbe') || undefined
  if ((slaveUrl === undefined) !== (probeUrl === undefined)) {
    throw refuse(say`MirrorURLSlave and MirrorURLProbe need each other.`)
  }
  const url = readUrl('MirrorURL', getValue(redirect, 'MirrorURL'))
  if (url === undefined) throw malformedXml(say`${redirect.name} has an empty ${'MirrorURL'}.`)
  return {
    ...{ url, slaveUrl, probeUrl },
    passQueryString: findFlag(redirect, 'MirrorPassQueryString') ?? findFlag(redirect, 'PassQueryString') ?? false,
    followRedirect: findFlag(redirect, 'MirrorFollowRedirect') ?? true,
    checkMd5: findFlag(redirect, 'MirrorCheckMd5') ?? false,
    allowHead: findFlag(redirect, 'MirrorAllowHeadObject') ?? false,
    headers: readHeaders(findOnly(redirect, 'MirrorHeaders')),
  }
}

function readUrl(name: string, value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined
  const url = URL.canParse(value) ? new URL(value) : undefined
  const isWeb = (url?.protocol === 'http:' || url?.protocol === 'https:') && url.username === '' && url.password === ''
  if (isWeb && value.endsWith('/') && url.search === '' && value.length <= 1_024) return value
  throw refuse(say`${name} must be an http or https URL without user, password and query that ends with a slash.`)
}

function readHeaders(element: XmlElement | undefined): MirrorHeaders | undefined {
  if (!element) return undefined
  allowOnly(element, 'PassAll', 'Pass', 'Remove', 'Set')
  const set = childrenOf(element, 'Set').map((one) => {
    allowOnly(one, 'Key', 'Value')
    return { key: readName(getValue(one, 'Key')), value: getValue(one, 'Value') }
  })
  if (set.some(({ value }) => !/^[\x20-\x7e]{1,1024}$/.test(value))) throw refuse(say`Value of a header must be ASCII.`)
  const pass = textsOf(element, 'Pass').map(readName)
  const remove = textsOf(element, 'Remove').map(readName)
  if ([pass, remove, set].some((list) => list.length > maxHeaders)) {
    throw malformedXml(say`MirrorHeaders may have ${maxHeaders} each of Pass, Remove and Set.`)
  }
  return { passAll: findFlag(element, 'PassAll') ?? false, pass, remove, set }
}

function readName(name: string): string {
  if (/^[\w-]{1,128}$/.test(name)) return name.toLowerCase()
  throw refuse(say`"${name.slice(0, 64)}" is no name of a header.`)
}

export function describeMirrorSource(source: MirrorSource): object {
  const { headers } = source
  return {
    PassQueryString: source.passQueryString,
    MirrorURL: source.url,
    MirrorURLSlave: source.slaveUrl,
    MirrorURLProbe: source.probeUrl,
    MirrorPassQueryString: source.passQueryString,
    MirrorFollowRedirect: source.followRedirect,
    MirrorCheckMd5: source.checkMd5,
    MirrorAllowHeadObject: source.allowHead,
    ...Object.fromEntries(unsupported.map((name) => [name, false])),
    MirrorHeaders: headers && {
      PassAll: headers.passAll,
      Pass: headers.pass,
      Remove: headers.remove,
      Set: headers.set.map(({ key, value }) => ({ Key: key, Value: value })),
    },
  }
}

/** Where a key is at the source, in the order to be tried. */
export function mirrorUrls(
  { url, slaveUrl, passQueryString }: MirrorSource,
  key: string,
  query: ReadonlyMap<string, string>,
): string[] {
  const path = key.split('/').map(encodeURIComponent).join('/')
  const search = passQueryString && query.size > 0 ? `?${new URLSearchParams([...query])}` : ''
  return [url, ...(slaveUrl === undefined ? [] : [slaveUrl])].map((one) => `${one}${path}${search}`)
}

/** The headers for the source. */
export function mirroredHeaders(source: MirrorSource, given: IncomingHttpHeaders): Record<string, string> {
  const { headers } = source
  if (!headers) return {}
  const passed = Object.entries(given).filter(
    ([name, value]) =>
      typeof value === 'string' &&
      !neverPassed.test(name) &&
      !headers.remove.includes(name) &&
      (headers.passAll || headers.pass.includes(name)),
  ) as [string, string][]
  const set = headers.set.filter(({ key }) => !neverPassed.test(key)).map(({ key, value }) => [key, value] as const)
  return Object.fromEntries([...passed, ...set])
}

function refuse(reason: Text) {
  return objectError(errors.InvalidArgument, { facts: { reason } })
}
