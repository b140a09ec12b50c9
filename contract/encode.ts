/** From the value a handler returns to what travels: complete it, then write it as JSON or XML. */
import type { ActionMeta } from './contract.ts'
import type { Shape, StructShape } from './shape.ts'

/** The value with what is missing filled in, or the value itself; never changes its argument. */
type Completer = (value: unknown) => unknown

const completers = new WeakMap<ActionMeta, Completer>()

/**
 * The response with every list in it, empty where the handler gave none: clients read
 * `Instances.Instance` without asking whether it is there. Fills lists and list wrappers (structs whose only field is
 * a list) at the top, inside list elements and inside structs that are present. Returns the same object when nothing
 * is missing, and otherwise copies what it changes.
 */
export function completeResponse<Response>(
  action: ActionMeta<never, Response> | ActionMeta,
  value: Response,
): Response {
  let complete = completers.get(action)
  if (!complete) {
    complete = compileCompleter(action.response) ?? ((same) => same)
    completers.set(action, complete)
  }
  return complete(value) as Response
}

/** Undefined where the shape holds no list, so that callers skip the whole value. */
function compileCompleter(shape: Shape): Completer | undefined {
  if (shape.kind === 'array') {
    const item = compileCompleter(shape.item)
    return item && ((value) => (Array.isArray(value) ? mapChanged(value, item) : value))
  }
  if (shape.kind === 'map') {
    const item = compileCompleter(shape.value)
    return item && ((value) => (isObject(value) ? mapValues(value, item) : value))
  }
  return shape.kind === 'struct' ? compileStructCompleter(shape) : undefined
}

function compileStructCompleter(shape: StructShape): Completer | undefined {
  const steps: { name: string; empty: (() => unknown) | undefined; complete: Completer | undefined }[] = []
  for (const field of shape.fields.values()) {
    const empty = emptyOf(field.shape)
    const complete = compileCompleter(field.shape)
    if (empty || complete) steps.push({ name: field.name, empty, complete })
  }
  if (steps.length === 0) return undefined
  return (value) => {
    if (!isObject(value)) return value
    let result = value
    for (const { name, empty, complete } of steps) {
      const before = value[name]
      const after = before === undefined || before === null ? empty?.() : complete ? complete(before) : before
      if (after === before || after === undefined) continue
      if (result === value) result = { ...value }
      result[name] = after
    }
    return result
  }
}

/** Makes what stands for "none" of a list or a list wrapper. */
function emptyOf(shape: Shape): (() => unknown) | undefined {
  if (shape.kind === 'array') return () => []
  if (shape.kind !== 'struct' || shape.fields.size !== 1) return undefined
  const [only] = shape.fields.values()
  return only?.shape.kind === 'array' ? () => ({ [only.name]: [] }) : undefined
}

function mapChanged(list: unknown[], change: Completer): unknown[] {
  let result = list
  for (let i = 0; i < list.length; i += 1) {
    const after = change(list[i])
    if (after === list[i]) continue
    if (result === list) result = [...list]
    result[i] = after
  }
  return result
}

function mapValues(map: Record<string, unknown>, change: Completer): Record<string, unknown> {
  let result = map
  for (const [key, before] of Object.entries(map)) {
    const after = change(before)
    if (after === before) continue
    // Spreading onto no prototype keeps a key such as `__proto__` an ordinary key.
    if (result === map) result = Object.assign(Object.create(null), map)
    result[key] = after
  }
  return result
}

/** The body of a JSON answer. Handlers return JSON values already; `undefined` fields vanish. */
export function encodeJson(_action: ActionMeta, value: unknown): string {
  return JSON.stringify(value) ?? '{}'
}

/**
 * The body of an XML answer: `rootName` is `<Action>Response`, or `Error`. Fields become elements in their order, a
 * list repeats its element, null and undefined vanish. `toText` escapes a text; by default,
 * characters that XML 1.0 cannot hold are dropped.
 */
export function encodeXml(rootName: string, value: unknown, toText: (text: string) => string = xmlText): string {
  const out: string[] = ["<?xml version='1.0' encoding='UTF-8'?>"]
  writeElement(out, rootName, value ?? {}, toText)
  return out.join('')
}

function writeElement(out: string[], name: string, value: unknown, toText: (text: string) => string): void {
  if (value === undefined || value === null) return
  if (Array.isArray(value)) {
    for (const element of value) writeElement(out, name, element, toText)
    return
  }
  const tag = xmlName(name)
  out.push('<', tag, '>')
  if (isObject(value)) for (const [key, child] of Object.entries(value)) writeElement(out, key, child, toText)
  else out.push(toText(String(value)))
  out.push('</', tag, '>')
}

/** Field names are fine as they are; the free keys of a map may not be. */
function xmlName(name: string): string {
  if (/^[A-Za-z_][\w.-]*$/.test(name)) return name
  const cleaned = name.replace(/[^\w.-]/g, '_')
  return /^[A-Za-z_]/.test(cleaned) ? cleaned : `_${cleaned}`
}

const xmlEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // A parser would read a bare carriage return as a line feed.
  '\r': '&#13;',
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML 1.0 cannot hold
const xmlControls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

function xmlText(text: string): string {
  return escapeXml(text.replace(xmlControls, ''))
}

/** Keeps the characters that XML 1.0 cannot hold, as references. Strict parsers refuse them. */
export function xmlTextWithReferences(text: string): string {
  return escapeXml(text).replace(xmlControls, (character) => `&#x${character.charCodeAt(0).toString(16)};`)
}

/** Keeps the characters that XML 1.0 cannot hold, as they are. Strict parsers refuse them. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"'\r]|\p{Surrogate}/gu, (character) => xmlEscapes[character] ?? '')
}

/**
 * Where a response differs from its shape, as sentences such as `Instances.Instance[0].Cpu: number expected, string
 * found`. For tests: clients drop values of the wrong JSON type silently, or crash on them.
 */
export function checkResponse(action: ActionMeta, value: unknown): string[] {
  const deviations: string[] = []
  check(action.response, value, '', deviations)
  return deviations
}

function check(shape: Shape, value: unknown, path: string, deviations: string[]): void {
  if (shape.kind === 'any') return
  const found = typeName(value)
  const expected = shape.kind === 'struct' || shape.kind === 'map' ? 'object' : shape.kind
  if (found !== expected) {
    deviations.push(`${path || 'response'}: ${expected} expected, ${found} found`)
  } else if (shape.kind === 'array') {
    const list = value as unknown[]
    for (let i = 0; i < list.length; i += 1) check(shape.item, list[i], `${path}[${i}]`, deviations)
  } else if (shape.kind === 'map') {
    for (const [key, item] of Object.entries(value as object)) check(shape.value, item, `${path}.${key}`, deviations)
  } else if (shape.kind === 'struct') {
    for (const [key, item] of Object.entries(value as object)) {
      if (item === undefined) continue
      const childPath = path === '' ? key : `${path}.${key}`
      const field = shape.fields.get(key)
      if (field) check(field.shape, item, childPath, deviations)
      else deviations.push(`${childPath}: unknown field`)
    }
  }
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  // JSON has neither, and writes null.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return typeof value
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
