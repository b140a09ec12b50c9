/**
 * Buckets as web sites: which page stands for a directory, what is shown instead of an error, and rules that send
 * callers elsewhere or fetch what is missing.
 */
import { say, type Text } from '@pileus/kernel/messages/text'
import { objectError, type XmlElement } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { describeMirrorSource, type MirrorSource, mirrorElements, readMirrorSource } from './mirror.ts'
import { allowOnly, childrenOf, findText, malformedXml } from './xml.ts'
import {
  findFlag,
  findOnly,
  findValue,
  findWhole,
  findWord,
  getOnly,
  getValue,
  getWhole,
  getWord,
} from './xml-values.ts'

export interface Website {
  index: { suffix: string; supportSubDir: boolean; type: 'Redirect' | 'NoSuchKey' | 'Index' } | undefined
  error: { key: string; httpStatus: 200 | 404 } | undefined
  /** In the order of their numbers. */
  rules: RoutingRule[]
}

export interface RoutingRule {
  number: number
  condition: {
    keyPrefix: string | undefined
    keySuffix: string | undefined
    httpErrorCode: number | undefined
    headers: { key: string; equals: string }[]
  }
  redirect: {
    type: 'External' | 'Internal' | 'AliCDN' | 'Mirror'
    protocol: 'http' | 'https' | undefined
    hostName: string | undefined
    replaceKeyPrefixWith: string | undefined
    replaceKeyWith: string | undefined
    enableReplacePrefix: boolean
    httpCode: number
    passQueryString: boolean
    /** With the type Mirror only. */
    mirror?: MirrorSource
  }
}

const maxRules = 20
const maxHeaders = 10
/** In the order of the numbers that the API has for them. */
const indexTypes = ['Redirect', 'NoSuchKey', 'Index'] as const

/** @throws MalformedXML, InvalidArgument, NotImplemented for Lua and some ways to mirror */
export function readWebsite(root: XmlElement): Website {
  allowOnly(root, 'IndexDocument', 'ErrorDocument', 'RoutingRules')
  const website = {
    index: readIndex(findOnly(root, 'IndexDocument')),
    error: readError(findOnly(root, 'ErrorDocument')),
    rules: readRules(findOnly(root, 'RoutingRules')),
  }
  if (!website.index && !website.error && website.rules.length === 0) {
    throw malformedXml(say`it has none of IndexDocument, ErrorDocument and RoutingRules.`)
  }
  return website
}

function readIndex(element: XmlElement | undefined): Website['index'] {
  if (!element) return undefined
  allowOnly(element, 'Suffix', 'SupportSubDir', 'Type')
  const suffix = getValue(element, 'Suffix')
  if (suffix.includes('/')) throw refuse(say`Suffix is a file name and may not hold a slash.`)
  return {
    suffix,
    supportSubDir: findFlag(element, 'SupportSubDir') ?? false,
    type: indexTypes[findWhole(element, 'Type', 0, 2) ?? 0]!,
  }
}

function readError(element: XmlElement | undefined): Website['error'] {
  // Terraform's provider sends an empty Key for none.
  if (!element || findText(element, 'Key')?.trim() === '') return undefined
  allowOnly(element, 'Key', 'HttpStatus')
  return {
    key: getValue(element, 'Key'),
    httpStatus: findWord(element, 'HttpStatus', ['200', '404']) === '200' ? 200 : 404,
  }
}

function readRules(element: XmlElement | undefined): RoutingRule[] {
  if (!element) return []
  allowOnly(element, 'RoutingRule')
  const rules = childrenOf(element, 'RoutingRule').map(readRule)
  if (rules.length > maxRules) throw malformedXml(say`there may be ${maxRules} routing rules.`)
  if (new Set(rules.map((rule) => rule.number)).size < rules.length)
    throw refuse(say`Two rules have the same RuleNumber.`)
  return rules.toSorted((a, b) => a.number - b.number)
}

function readRule(element: XmlElement): RoutingRule {
  allowOnly(element, 'RuleNumber', 'Condition', 'Redirect', 'LuaConfig')
  const unsupported = findOnly(element, 'LuaConfig')
  if (unsupported) throw notImplemented('LuaConfig of a RoutingRule')
  const condition = readCondition(findOnly(element, 'Condition'))
  const redirect = readRedirect(getOnly(element, 'Redirect'))
  if (redirect.mirror && condition.httpErrorCode !== 404) {
    throw refuse(say`A rule with Mirror needs HttpErrorCodeReturnedEquals 404.`)
  }
  return { number: getWhole(element, 'RuleNumber', 1, 1_000_000), condition, redirect }
}

function readCondition(element: XmlElement | undefined): RoutingRule['condition'] {
  if (!element) return { keyPrefix: undefined, keySuffix: undefined, httpErrorCode: undefined, headers: [] }
  allowOnly(element, 'KeyPrefixEquals', 'KeySuffixEquals', 'HttpErrorCodeReturnedEquals', 'IncludeHeader')
  const headers = childrenOf(element, 'IncludeHeader').map((one) => {
    allowOnly(one, 'Key', 'Equals')
    return { key: getValue(one, 'Key').toLowerCase(), equals: getValue(one, 'Equals') }
  })
  if (headers.length > maxHeaders) throw malformedXml(say`a condition may have ${maxHeaders} IncludeHeader.`)
  return {
    keyPrefix: findOnly(element, 'KeyPrefixEquals')?.text,
    keySuffix: findOnly(element, 'KeySuffixEquals')?.text,
    httpErrorCode: findWhole(element, 'HttpErrorCodeReturnedEquals', 400, 599),
    headers,
  }
}

function readRedirect(element: XmlElement): RoutingRule['redirect'] {
  const type = getWord(element, 'RedirectType', ['Mirror', 'External', 'Internal', 'AliCDN'])
  allowOnly(
    element,
    ...['RedirectType', 'Protocol', 'HostName', 'ReplaceKeyPrefixWith', 'ReplaceKeyWith', 'EnableReplacePrefix'],
    ...['HttpRedirectCode', 'PassQueryString'],
    ...(type === 'Mirror' ? mirrorElements : []),
  )
  const redirect = {
    type,
    protocol: findWord(element, 'Protocol', ['http', 'https']),
    hostName: findValue(element, 'HostName') || undefined,
    replaceKeyPrefixWith: findOnly(element, 'ReplaceKeyPrefixWith')?.text,
    replaceKeyWith: findOnly(element, 'ReplaceKeyWith')?.text,
    enableReplacePrefix: findFlag(element, 'EnableReplacePrefix') ?? false,
    httpCode: findWhole(element, 'HttpRedirectCode', 301, 307) ?? 302,
    passQueryString: findFlag(element, 'PassQueryString') ?? false,
    ...(type === 'Mirror' ? { mirror: readMirrorSource(element) } : {}),
  }
  if (![301, 302, 307].includes(redirect.httpCode)) throw refuse(say`HttpRedirectCode must be 301, 302 or 307.`)
  if (redirect.replaceKeyWith !== undefined && redirect.replaceKeyPrefixWith !== undefined) {
    throw refuse(say`ReplaceKeyWith and ReplaceKeyPrefixWith exclude each other.`)
  }
  if (redirect.hostName !== undefined && !/^[A-Za-z0-9.-]+(?::\d{1,5})?$/.test(redirect.hostName)) {
    throw refuse(say`HostName must be a host name.`)
  }
  return redirect
}

function refuse(reason: Text) {
  return objectError(errors.InvalidArgument, { facts: { reason } })
}

function notImplemented(what: string) {
  return objectError(errors.NotImplemented, { facts: { what } })
}

export function describeWebsite({ index, error, rules }: Website): object {
  return {
    IndexDocument: index && {
      Suffix: index.suffix,
      SupportSubDir: index.supportSubDir,
      Type: indexTypes.indexOf(index.type),
    },
    ErrorDocument: error && { Key: error.key, HttpStatus: error.httpStatus },
    RoutingRules: rules.length === 0 ? undefined : { RoutingRule: rules.map(describeRule) },
  }
}

function describeRule({ number, condition, redirect }: RoutingRule): object {
  return {
    RuleNumber: number,
    Condition: {
      KeyPrefixEquals: condition.keyPrefix,
      KeySuffixEquals: condition.keySuffix,
      HttpErrorCodeReturnedEquals: condition.httpErrorCode,
      IncludeHeader: condition.headers.map(({ key, equals }) => ({ Key: key, Equals: equals })),
    },
    Redirect: redirect.mirror
      ? {
          RedirectType: redirect.type,
          ReplaceKeyPrefixWith: redirect.replaceKeyPrefixWith,
          ReplaceKeyWith: redirect.replaceKeyWith,
          EnableReplacePrefix: redirect.enableReplacePrefix,
          ...describeMirrorSource(redirect.mirror),
        }
      : {
          RedirectType: redirect.type,
          Protocol: redirect.protocol,
          HostName: redirect.hostName,
          ReplaceKeyPrefixWith: redirect.replaceKeyPrefixWith,
          ReplaceKeyWith: redirect.replaceKeyWith,
          EnableReplacePrefix: redirect.enableReplacePrefix,
          HttpRedirectCode: redirect.httpCode,
          PassQueryString: redirect.passQueryString,
        },
  }
}

/** The first rule for a key; `httpErrorCode` is undefined before the object has been asked for. */
export function findRoutingRule(
  { rules }: Website,
  call: { key: string; httpErrorCode: number | undefined; header(name: string): string | undefined },
): RoutingRule | undefined {
  return rules.find(
    ({ condition }) =>
      condition.httpErrorCode === call.httpErrorCode &&
      call.key.startsWith(condition.keyPrefix ?? '') &&
      call.key.endsWith(condition.keySuffix ?? '') &&
      condition.headers.every(({ key, equals }) => call.header(key) === equals),
  )
}

/** The key that a rule makes of a key. */
export function redirectedKey({ condition, redirect }: RoutingRule, key: string): string {
  if (redirect.replaceKeyWith !== undefined) return redirect.replaceKeyWith.replaceAll(variable, key)
  if (redirect.replaceKeyPrefixWith !== undefined) {
    return redirect.replaceKeyPrefixWith.replaceAll(variable, key) + key.slice((condition.keyPrefix ?? '').length)
  }
  return key
}

/** What the API writes in place of the key. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is the API's
const variable = '${key}'
