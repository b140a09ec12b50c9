/** What a request says about the callback after its upload. @see docs/sources.md#oss-callback */
import { say, type Text } from '@pileus/kernel/messages/text'
import { type ObjectRequest, objectError, type XmlElement } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { header } from './headers.ts'
import { allowOnly, childrenOf, malformedXml } from './xml.ts'
import { findValue, getValue } from './xml-values.ts'

/** Most URLs, tried one after the other. */
const maxUrls = 5

/** Most callback policies of a bucket. */
const maxPolicies = 20

/** A callback that uploads may name. `callback` and `variables` are JSON in Base64, as requests have them. */
export interface CallbackPolicy {
  name: string
  callback: string
  variables?: string
}

export interface Callback {
  /** `http:` or `https:`. */
  urls: string[]
  /** `Host` header, when not the URL's. */
  host: string | undefined
  /** Whether the name in TLS is that of `host`. */
  sendsServerName: boolean
  /** With places like `${object}`. */
  template: string
  isJson: boolean
  /** Values of places like `${x:name}`, by `x:name`. */
  variables: ReadonlyMap<string, string>
}

/**
 * Reads `x-oss-callback` and `x-oss-callback-var`, or `callback` and `callback-var` of a signed URL or a form. They may
 * name one of the bucket's policies, to whose variables they add.
 * @throws InvalidArgument
 */
export function readCallback(
  { headers, query, form }: ObjectRequest,
  policies: readonly CallbackPolicy[] = [],
): Callback | undefined {
  const text = form ? form.get('callback') : (header(headers, 'x-oss-callback') ?? query.get('callback'))
  if (text === undefined || text === '') return undefined
  const variables = form ? variablesOf([...form]) : readVariables(headers, query)
  const { callbackPolicy: name } = parseBase64Json(text, 'callback')
  if (name === undefined) return parseCallback(text, variables)
  const policy = policies.find((one) => one.name === name)
  if (!policy) throw refuse(say`the bucket has no callback policy "${String(name).slice(0, 64)}".`)
  const own = policy.variables === undefined ? new Map<string, string>() : parseVariables(policy.variables)
  return parseCallback(policy.callback, new Map([...own, ...variables]))
}

/** `text` is JSON in Base64. @throws InvalidArgument */
export function parseCallback(text: string, variables: ReadonlyMap<string, string> = new Map()): Callback {
  const given = parseBase64Json(text, 'callback')
  const textOf = (name: string): string | undefined => {
    const value = given[name]
    if (value === undefined || typeof value === 'string') return value
    throw refuse(say`${name} must be text.`)
  }
  const urls = (textOf('callbackUrl') ?? '')
    .split(';')
    .map(withScheme)
    .filter((url) => url !== '')
  if (urls.length === 0 || urls.length > maxUrls) throw refuse(say`callbackUrl must hold 1 to ${maxUrls} URLs.`)
  if (urls.some((url) => !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))) {
    throw refuse(say`callbackUrl must hold http or https URLs.`)
  }
  const template = textOf('callbackBody') ?? ''
  if (template === '') throw refuse(say`callbackBody is needed.`)
  const bodyType = (textOf('callbackBodyType') || 'application/x-www-form-urlencoded').split(';')[0]!.trim()
  if (bodyType !== 'application/json' && bodyType !== 'application/x-www-form-urlencoded') {
    throw refuse(say`callbackBodyType must be application/x-www-form-urlencoded or application/json.`)
  }
  const host = textOf('callbackHost')
  if (host !== undefined && !/^[\w.:[\]-]{0,255}$/.test(host)) throw refuse(say`callbackHost must be a host name.`)
  return {
    urls,
    host: host || undefined,
    sendsServerName: given['callbackSNI'] === true,
    template,
    isJson: bodyType === 'application/json',
    variables,
  }
}

function readVariables(headers: ObjectRequest['headers'], query: ObjectRequest['query']): Map<string, string> {
  const text = header(headers, 'x-oss-callback-var') ?? query.get('callback-var')
  return text === undefined || text === '' ? new Map() : parseVariables(text)
}

/** @throws InvalidArgument */
function parseVariables(text: string): Map<string, string> {
  const entries = Object.entries(parseBase64Json(text, 'callback-var'))
  const wrong = entries.find(([name]) => !name.startsWith('x:'))
  if (wrong) throw refuse(say`the variable "${wrong[0].slice(0, 50)}" must begin with x: in callback-var.`)
  return variablesOf(entries.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]))
}

function variablesOf(entries: readonly (readonly [string, string])[]): Map<string, string> {
  return new Map(entries.filter(([name]) => name.startsWith('x:')))
}

const places = /\$\{([\w.:-]{1,128})\}/g

/** The places that the template has. */
export function placesOf({ template }: Callback): Set<string> {
  return new Set([...template.matchAll(places)].map((match) => match[1]!))
}

/** Fills the template: escaped as the form or the JSON needs it; what is unknown is empty. */
export function fillCallback(callback: Callback, facts: Readonly<Record<string, string | number>>): string {
  const { template, isJson, variables } = callback
  return template.replace(places, (place, name: string, at: number) => {
    const value = variables.get(name) ?? facts[name] ?? ''
    if (!isJson) return encodeURIComponent(value)
    // Some templates have their own quotes around a place, others leave them to us.
    const isQuoted = template[at - 1] === '"' && template[at + place.length] === '"'
    return isQuoted ? JSON.stringify(String(value)).slice(1, -1) : JSON.stringify(value)
  })
}

function parseBase64Json(text: string, name: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Refused below.
  }
  throw refuse(say`${name} must be a JSON object in base64.`)
}

function withScheme(url: string): string {
  const trimmed = url.trim()
  return trimmed === '' || /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`
}

/** @throws MalformedXML, InvalidArgument */
export function readCallbackPolicies(root: XmlElement): CallbackPolicy[] {
  allowOnly(root, 'PolicyItem')
  const policies = childrenOf(root, 'PolicyItem').map((item) => {
    allowOnly(item, 'PolicyName', 'Callback', 'CallbackVar')
    const policy = { name: getValue(item, 'PolicyName'), callback: getValue(item, 'Callback') }
    const variables = findValue(item, 'CallbackVar') || undefined
    parseCallback(policy.callback, variables === undefined ? undefined : parseVariables(variables))
    return variables === undefined ? policy : { ...policy, variables }
  })
  if (policies.length > maxPolicies) throw malformedXml(say`there may be ${maxPolicies} callback policies.`)
  if (new Set(policies.map((policy) => policy.name)).size < policies.length) {
    throw refuse(say`two callback policies have the same PolicyName.`)
  }
  return policies
}

export function describeCallbackPolicies(policies: readonly CallbackPolicy[]): object {
  return {
    PolicyItem: policies.map(({ name, callback, variables }) => ({
      PolicyName: name,
      Callback: callback,
      CallbackVar: variables ?? '',
    })),
  }
}

function refuse(reason: Text) {
  return objectError(errors.InvalidArgument, { facts: { reason: say`The callback is not valid: ${reason}` } })
}
