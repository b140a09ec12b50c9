// Reads one official SDK package into the generator's own form (see `Product` below). The package's model classes
// are loaded for `names()` and `types()`; what only its text tells (method, path, which parameters travel in the body
// or as JSON, which are required) is read from `client.js` and the `.d.ts` files.
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/**
 * @typedef {{ kind: 'string' | 'number' | 'boolean' | 'any' } | { kind: 'array', item: Type }
 *   | { kind: 'map', value: Type } | { kind: 'struct', model: string }} Type
 * @typedef {{ type: Type, required: boolean, encoding: 'flat' | 'json' | 'simple', body: boolean }} Field
 * @typedef {Map<string, Field>} Model  by wire name
 * @typedef {{ name: string, style: string, method: string, path: string, auth: string, request: Type, response: Type }} Action
 * @typedef {{ actions: Map<string, Action>, models: Map<string, Model> }} Product
 */

/** Directory and version of an installed package. @throws when it is not installed */
export function findPackage(name) {
  const entry = require.resolve(name)
  const root = entry.slice(0, entry.lastIndexOf(join('node_modules', name)) + join('node_modules', name).length)
  return { entry, root, version: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version }
}

/** @returns {Product} */
export function readSdk(packageName) {
  const { entry } = findPackage(packageName)
  const exported = require(entry)
  const required = readRequired(join(dirname(entry), 'models'))
  const models = new Map()

  const addModel = (cls) => {
    if (models.has(cls.name)) return
    const names = cls.names()
    const types = cls.types()
    const model = new Map()
    models.set(cls.name, model)
    for (const [key, wireName] of Object.entries(names)) {
      assertWireName(cls.name, wireName)
      model.set(wireName, {
        type: toType(types[key], addModel),
        required: required.has(`${cls.name}.${key}`),
        encoding: 'flat',
        body: false,
      })
    }
  }

  const actions = new Map()
  for (const method of readMethods(entry)) {
    const requestClass = exported[`${method.request ?? ''}`]
    const responseClass = exported[method.response]
    if (!responseClass) throw new Error(`${packageName}: ${method.response} is not exported`)
    let request = { kind: 'struct', model: `${method.action}Request` }
    if (requestClass) {
      addModel(requestClass)
      request = { kind: 'struct', model: requestClass.name }
    } else if (!models.has(request.model)) models.set(request.model, new Map())
    applyPositions(models.get(request.model), method)

    const body = responseClass.types().body
    let response
    if (body === undefined) {
      response = { kind: 'struct', model: `${method.action}ResponseBody` }
      models.set(response.model, new Map())
    } else response = toType(body, addModel)
    const { action, style, httpMethod, path, auth } = method
    actions.set(action, { name: action, style, method: httpMethod, path, auth, request, response })
  }
  return { actions, models }
}

function assertWireName(where, name) {
  // The compact form in emit.mjs separates fields by spaces and types by a colon.
  if (!/^[\w.$#-]+$/.test(name) || name === '__proto__')
    throw new Error(`${where}: odd wire name ${JSON.stringify(name)}`)
}

function toType(type, addModel) {
  if (typeof type === 'function') {
    addModel(type)
    return { kind: 'struct', model: type.name }
  }
  if (type === 'string' || type === 'number' || type === 'boolean') return { kind: type }
  if (type?.type === 'array') return { kind: 'array', item: toType(type.itemType, addModel) }
  if (type?.type === 'map') return { kind: 'map', value: toType(type.valueType, addModel) }
  return { kind: 'any' }
}

/** `Class.property` of every property whose doc comment calls it required. */
function readRequired(modelsDir) {
  const found = new Set()
  for (const file of readdirSync(modelsDir)) {
    if (!file.endsWith('.d.ts')) continue
    const text = readFileSync(join(modelsDir, file), 'utf8')
    if (!text.includes('This parameter is required.')) continue
    for (const part of text.split('export declare class ').slice(1)) {
      const className = part.slice(0, part.indexOf(' '))
      for (const [, comment, property] of part.matchAll(/\/\*\*([\s\S]*?)\*\/\s*'?([\w$.-]+)'?\?:/g)) {
        if (/^\s*\*\s*This parameter is required\.\s*$/m.test(comment)) found.add(`${className}.${property}`)
      }
    }
  }
  return found
}

/** One entry per action: what `client.js` and `client.d.ts` say about how it is sent. */
function readMethods(entry) {
  const signatures = new Map()
  const declarations = readFileSync(entry.replace(/\.js$/, '.d.ts'), 'utf8')
  const signature = /^\s+(\w+)WithOptions\(([\s\S]*?)\): Promise<\$_model\.(\w+)>;$/gm
  for (const [, name, parameters, response] of declarations.matchAll(signature)) {
    const request = /\b(?:request|tmpReq): \$_model\.(\w+)/.exec(parameters)?.[1]
    signatures.set(name, { request, response })
  }
  const methods = []
  for (const part of readFileSync(entry, 'utf8')
    .split(/^ {4}async (?=\w+WithOptions\()/m)
    .slice(1)) {
    const name = part.slice(0, part.indexOf('WithOptions('))
    const body = part.slice(0, part.indexOf('\n    }\n'))
    const param = (key) =>
      new RegExp(`\\b${key}: (?:"([^"]*)"|\`([^\`]*)\`)`)
        .exec(body)
        ?.slice(1)
        .find((v) => v !== undefined)
    const found = signatures.get(name)
    const action = param('action')
    if (!found || !action) throw new Error(`cannot read ${name} of ${entry}`)
    methods.push({
      ...found,
      action,
      style: param('style') ?? 'RPC',
      httpMethod: param('method') ?? 'POST',
      // ROA: `/clusters/${$dara.URL.percentEncode(ClusterId)}` is written `/clusters/[ClusterId]`.
      path: (param('pathname') ?? '/').replace(/\$\{[^}]*?(\w+)\)*\}/g, '[$1]'),
      auth: param('authType') ?? 'AK',
      inBody: new Set([...body.matchAll(/\bbody(?:Flat)?\["([^"]+)"\] = /g)].map((m) => m[1])),
      styles: new Map(
        [...body.matchAll(/arrayToStringWithSpecifiedStyle\(tmpReq\.\w+, "([^"]+)", "(\w+)"\)/g)].map((m) => [
          m[1],
          m[2],
        ]),
      ),
    })
  }
  return methods
}

function applyPositions(model, method) {
  for (const [name, style] of method.styles) {
    if (style !== 'json' && style !== 'simple') throw new Error(`${method.action}: unknown list style ${style}`)
    const field = model.get(name)
    if (!field) throw new Error(`${method.action}: no parameter ${name}`)
    field.encoding = style
  }
  for (const name of method.inBody) {
    const field = model.get(name)
    if (field) field.body = true
  }
}
