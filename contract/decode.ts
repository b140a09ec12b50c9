/**
 * Turns the flat parameters of an RPC call into the typed request object of its action.
 *
 * Two passes, both linear in the input. The first hangs each parameter into a tree that follows the request's shape,
 * so a name that the shape does not have costs nothing and reaches no object. The second builds the value from the
 * tree and checks types and required parameters. Objects get only names the contract declares; where a caller
 * chooses names (maps, free JSON) the object has no prototype.
 */
import type { ActionMeta } from './contract.ts'
import { buildJson, parseJson } from './decode-json.ts'
import { ContractError } from './errors.ts'
import { readBoolean, readNumber } from './scalars.ts'
import type { Field, Shape, StructShape } from './shape.ts'

/** Lists take indexes 1 to this. */
export const maxListIndex = 1000
/** Longest parameter name and most dots in it that are read; longer names cannot be in any contract. */
const maxNameLength = 512
const maxDepth = 16
/** Parameters in one call. */
const maxParameters = 20_000

interface Node {
  /** Value of the parameter that ends here. */
  text?: string
  /** By wire name in structs, by index in lists, by key in maps. */
  children?: Map<string | number, Node>
  /** The parameter's name was spelled as the contract spells it. */
  exact?: boolean
}

/**
 * The request an action receives. Unknown parameters are ignored; a name's case may differ from the contract's, and
 * the exact spelling wins. Lists are in the order of their indexes, gaps closed. Empty numbers and booleans are
 * absent.
 * @throws ContractError
 */
export function decodeRequest<Request>(
  action: ActionMeta<Request>,
  parameters: ReadonlyMap<string, string> | Iterable<readonly [string, string]>,
): Request {
  const root: Node = {}
  let count = 0
  for (const [name, value] of parameters) {
    count += 1
    if (count > maxParameters)
      throw ContractError.invalid('Parameters', 'at most {limit} parameters', { limit: maxParameters })
    if (name.length <= maxNameLength) hang(root, action.request, name, value)
  }
  return buildStruct(root, action.request, '') as Request
}

/** Hangs one parameter into the tree, or drops it when the shape has no such name. */
function hang(root: Node, request: StructShape, name: string, text: string): void {
  let node = root
  let shape: Shape = request
  let exact = true
  let encoding: Field['encoding'] = 'flat'
  let start = 0
  for (let depth = 0; start <= name.length; depth += 1) {
    if (depth === maxDepth) return
    let end = name.indexOf('.', start)
    if (end < 0) end = name.length
    let key: string | number
    if (shape.kind === 'struct') {
      let field: Field | undefined = shape.fields.get(name.slice(start, end))
      if (!field && shape.hasDottedNames) {
        field = shape.fields.get(name.slice(start))
        if (field) end = name.length
      }
      if (!field) {
        field = shape.fieldsByLowerCase.get(name.slice(start, end).toLowerCase())
        exact = false
      }
      if (!field) return
      key = field.name
      shape = field.shape
      encoding = field.encoding
    } else if (shape.kind === 'array') {
      const index = readIndex(name, start, end)
      if (index === undefined) return
      key = index
      shape = shape.item
      encoding = 'flat'
    } else if (shape.kind === 'map') {
      // Some SDKs write a key with its length, `Map.#3#key`, so that it may hold dots.
      const measured = /^#(\d{1,3})#/.exec(name.slice(start))
      const keyStart = measured ? start + measured[0].length : start
      if (measured) end = keyStart + Number(measured[1])
      else if (shape.value.kind !== 'struct' && shape.value.kind !== 'array') end = name.length
      if (end > name.length || (end < name.length && name[end] !== '.')) return
      key = name.slice(keyStart, end)
      shape = shape.value
      encoding = 'flat'
    } else return
    node.children ??= new Map()
    let child = node.children.get(key)
    if (!child) {
      child = {}
      node.children.set(key, child)
    }
    node = child
    start = end + 1
  }
  const isWhole = shape.kind === 'struct' || shape.kind === 'array' || shape.kind === 'map'
  if (isWhole && encoding === 'flat') {
    if (text === '') return
    throw shape.kind === 'array'
      ? ContractError.invalid(name, 'a list, sent as {name}.1, {name}.2', { name })
      : ContractError.invalid(name, 'sent by parts, as {name}.<Name>', { name })
  }
  if (node.text !== undefined && node.exact && !exact) return
  node.text = text
  node.exact = exact
}

function readIndex(name: string, start: number, end: number): number | undefined {
  const text = name.slice(start, end)
  if (!/^\d+$/.test(text)) return undefined
  const index = Number(text)
  if (index < 1 || index > maxListIndex) {
    throw ContractError.invalid(name, 'an index from 1 to {limit} instead of {index}', {
      limit: maxListIndex,
      index: text.slice(0, 20),
    })
  }
  return index
}

function buildStruct(node: Node, shape: StructShape, path: string): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  for (const field of shape.fields.values()) {
    const child = node.children?.get(field.name)
    const name = path === '' ? field.name : `${path}.${field.name}`
    const built = child && buildField(child, field, name)
    if (built !== undefined) value[field.name] = built
    // Inside a struct an empty string is a value: a tag may have one.
    if (field.required && (built === undefined || (built === '' && path === ''))) throw ContractError.missing(name)
  }
  return value
}

function buildField(node: Node, field: Field, name: string): unknown {
  if (node.text === undefined || field.encoding === 'flat') return build(node, field.shape, name)
  if (node.children) throw ContractError.invalid(name, 'either one value or numbered parameters, not both')
  if (node.text === '') return undefined
  if (field.encoding === 'json') return buildJson(parseJson(node.text, name), field.shape, name)
  if (field.shape.kind !== 'array') return build(node, field.shape, name)
  const { item } = field.shape
  const words = node.text.split(',')
  if (words.length > maxListIndex)
    throw ContractError.invalid(name, 'at most {limit} elements', { limit: maxListIndex })
  return words.map((word) => build({ text: word.trim() }, item, name)).filter((element) => element !== undefined)
}

/** Undefined when nothing usable was sent. */
function build(node: Node, shape: Shape, name: string): unknown {
  switch (shape.kind) {
    case 'struct':
      return node.children && buildStruct(node, shape, name)
    case 'array': {
      if (!node.children) return undefined
      const list: unknown[] = []
      for (const index of ([...node.children.keys()] as number[]).sort((a, b) => a - b)) {
        const element = build(node.children.get(index) as Node, shape.item, `${name}.${index}`)
        if (element !== undefined) list.push(element)
      }
      return list.length === 0 ? undefined : list
    }
    case 'map': {
      if (!node.children) return undefined
      const map: Record<string, unknown> = Object.create(null)
      for (const [key, child] of node.children) {
        const element = build(child, shape.value, `${name}.${key}`)
        if (element !== undefined) map[key] = element
      }
      return map
    }
    case 'number':
      return node.text === undefined || node.text === '' ? undefined : readNumber(node.text, name)
    case 'boolean':
      return node.text === undefined || node.text === '' ? undefined : readBoolean(node.text, name)
    default:
      return node.text
  }
}
