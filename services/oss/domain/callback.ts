/** What a request says about the callback after its upload. @see docs/sources.md#oss-callback */
import { say, type Text } from '@pileus/kernel/messages/text'
import { type ObjectRequest, objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { header } from './headers.ts'

/** Most URLs, tried one after the other. */
const maxUrls = 5

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
 * Reads `x-oss-callback` and `x-oss-callback-var`, or `callback` and `callback-var` of a signed URL or a form.
 * @throws InvalidArgument
 */
export function readCallback({ headers, query, form }: ObjectRequest): Callback | undefined {
  const text = form ? form.get('callback') : (header(headers, 'x-oss-callback') ?? query.get('callback'))
  if (text === undefined || text === '') return undefined
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
    variables: form ? variablesOf([...form]) : readVariables(headers, query),
  }
}

function readVariables(headers: ObjectRequest['headers'], query: ObjectRequest['query']): Map<string, string> {
  const text = header(headers, 'x-oss-callback-var') ?? query.get('callback-var')
  if (text === undefined || text === '') return new Map()
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

function refuse(reason: Text) {
  return objectError(errors.InvalidArgument, { facts: { reason: say`The callback is not valid: ${reason}` } })
}
