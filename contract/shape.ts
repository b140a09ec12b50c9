/** Shapes of requests and responses, and the reading of their compact form (the grammar is in generator/emit.mjs). */

export type Shape =
  | { readonly kind: 'string' | 'number' | 'boolean' | 'any' }
  | { readonly kind: 'array'; readonly item: Shape }
  | { readonly kind: 'map'; readonly value: Shape }
  | StructShape

export interface StructShape {
  readonly kind: 'struct'
  /** By wire name. */
  readonly fields: ReadonlyMap<string, Field>
  /** By wire name in lower case, for callers that spell `Tag.1.key`. */
  readonly fieldsByLowerCase: ReadonlyMap<string, Field>
  /** Some wire name holds a dot. */
  readonly hasDottedNames: boolean
}

export interface Field {
  readonly name: string
  readonly shape: Shape
  readonly required: boolean
  /** `json`: one parameter holds a JSON document; `simple`: one parameter holds a comma-joined list. */
  readonly encoding: 'flat' | 'json' | 'simple'
  /** SDKs send the parameter in the body. Servers merge query and form body anyway. */
  readonly inBody: boolean
}

const scalars: Readonly<Record<string, Shape>> = {
  s: { kind: 'string' },
  n: { kind: 'number' },
  b: { kind: 'boolean' },
  a: { kind: 'any' },
}

/** Compiles a type; a struct is compiled once per product and kept in `compiled`. @throws Error on a broken file */
export function compileShape(type: string, texts: readonly string[], compiled: Map<number, StructShape>): Shape {
  if (type.startsWith('[')) return { kind: 'array', item: compileShape(type.slice(1), texts, compiled) }
  if (type.startsWith('{')) return { kind: 'map', value: compileShape(type.slice(1), texts, compiled) }
  const scalar = scalars[type]
  if (scalar) return scalar
  const index = Number(type)
  const known = compiled.get(index)
  if (known) return known
  const text = texts[index]
  if (text === undefined) throw new Error(`the contract has no struct ${type}`)
  const fields = new Map<string, Field>()
  for (const word of text === '' ? [] : text.split(' ')) {
    const field = parseField(word, texts, compiled)
    fields.set(field.name, field)
  }
  const fieldsByLowerCase = new Map<string, Field>()
  for (const field of fields.values()) fieldsByLowerCase.set(field.name.toLowerCase(), field)
  const hasDottedNames = [...fields.keys()].some((name) => name.includes('.'))
  const struct: StructShape = { kind: 'struct', fields, fieldsByLowerCase, hasDottedNames }
  compiled.set(index, struct)
  return struct
}

function parseField(word: string, texts: readonly string[], compiled: Map<number, StructShape>): Field {
  const colon = word.lastIndexOf(':')
  let end = word.length
  while (end > colon && '!~%@'.includes(word.charAt(end - 1))) end -= 1
  const flags = word.slice(end)
  return {
    name: word.slice(0, colon),
    shape: compileShape(word.slice(colon + 1, end), texts, compiled),
    required: flags.includes('!'),
    encoding: flags.includes('~') ? 'json' : flags.includes('%') ? 'simple' : 'flat',
    inBody: flags.includes('@'),
  }
}
