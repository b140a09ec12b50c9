// Writes a product as compact JSON (for the run time) and as TypeScript (for the compiler).
//
// JSON: `structs` holds each different struct once, as one string that is parsed when an action first needs it, so
// that loading a product costs little more than reading its file. A struct is fields joined by spaces; a field is
// `Name:type`, where type is s(tring) n(umber) b(oolean) a(ny), `[type` list, `{type` map or the index of a struct,
// followed by flags: `!` required, `~` travels as JSON, `%` comma-joined, `@` travels in the body.
// `actions` maps a name to `request response auth`, and for ROA `method path` after that.

/** @param {import('./sdk.mjs').Product} product */
export function emitJson({ product, version, style }, { actions, models }) {
  const structs = []
  const indexByText = new Map()
  const indexByModel = new Map()
  const open = new Set()

  const typeText = (type) => {
    if (type.kind === 'array') return `[${typeText(type.item)}`
    if (type.kind === 'map') return `{${typeText(type.value)}`
    if (type.kind === 'struct') return String(structIndex(type.model))
    return type.kind[0]
  }
  const structIndex = (name) => {
    const known = indexByModel.get(name)
    if (known !== undefined) return known
    if (open.has(name)) throw new Error(`${product}: ${name} contains itself`)
    open.add(name)
    const text = [...models.get(name)]
      .map(([wireName, f]) => {
        const flags = `${f.required ? '!' : ''}${{ flat: '', json: '~', simple: '%' }[f.encoding]}${f.body ? '@' : ''}`
        return `${wireName}:${typeText(f.type)}${flags}`
      })
      .join(' ')
    open.delete(name)
    let index = indexByText.get(text)
    if (index === undefined) {
      index = structs.push(text) - 1
      indexByText.set(text, index)
    }
    indexByModel.set(name, index)
    return index
  }

  const actionTexts = {}
  for (const action of sorted(actions)) {
    const words = [typeText(action.request), typeText(action.response), action.auth]
    if (action.style !== 'RPC') words.push(action.method, action.path)
    actionTexts[action.name] = words.join(' ')
  }
  return `${JSON.stringify({ product, version, style, actions: actionTexts, structs })}\n`
}

/** @param {import('./sdk.mjs').Product} product */
export function emitTypeScript({ product, version }, source, { actions, models }) {
  const out = [
    `// ${product} ${version}, generated from ${source} by contract/generate.mjs. Do not edit.`,
    "import { action } from '../contract.ts'",
    '',
  ]
  const written = new Set()
  // `XResponseBody` is called `XResponse` here, unless the response is something else, such as a list of it.
  const bodies = new Set([...actions.values()].map((a) => a.response.model))
  const modelName = (name) => {
    const [, action, rest] = /^(.*?)ResponseBody(.*)$/.exec(name) ?? []
    return bodies.has(`${action}ResponseBody`) ? `${action}Response${rest}` : name
  }
  const typeText = (type) => {
    if (type.kind === 'array') return `${typeText(type.item)}[]`
    if (type.kind === 'map') return `Record<string, ${typeText(type.value)}>`
    if (type.kind === 'struct') return modelName(type.model)
    return type.kind === 'any' ? 'unknown' : type.kind
  }
  const nested = (type) => (type.kind === 'array' ? nested(type.item) : type.kind === 'map' ? nested(type.value) : type)
  const writeModel = (name) => {
    if (written.has(name)) return
    written.add(name)
    const fields = [...models.get(name)]
    for (const [, field] of fields) {
      const inner = nested(field.type)
      if (inner.kind === 'struct') writeModel(inner.model)
    }
    out.push(`export interface ${modelName(name)} {`)
    for (const [wireName, field] of fields) {
      const key = /^[A-Za-z_$][\w$]*$/.test(wireName) ? wireName : `'${wireName}'`
      out.push(field.required ? `  ${key}: ${typeText(field.type)}` : `  ${key}?: ${typeText(field.type)} | undefined`)
    }
    out.push('}')
  }
  for (const a of sorted(actions)) {
    for (const [type, name] of [
      [a.request, `${a.name}Request`],
      [a.response, `${a.name}Response`],
    ]) {
      const inner = nested(type)
      if (inner.kind === 'struct') writeModel(inner.model)
      if (typeText(type) !== name) out.push(`export type ${name} = ${typeText(type)}`)
    }
    out.push(
      `export const ${a.name} = action<${a.name}Request, ${a.name}Response>('${product}', '${version}', '${a.name}')`,
      '',
    )
  }
  return `${out.join('\n')}`
}

function sorted(actions) {
  return [...actions.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}
