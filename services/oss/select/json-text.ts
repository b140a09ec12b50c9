/** Reads JSON so that numbers stay as they are written, which `JSON.parse` does not. */
import { JsonNumber, type JsonValue } from './values.ts'

/** How deep values may lie in one another. */
const maxDepth = 128

const token =
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null))/y
const literals: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null }

/** Undefined when the text is not one JSON value, or nested too deep. */
export function findJson(text: string): JsonValue | undefined {
  try {
    const reader = new JsonReader(text)
    const value = reader.value(0)
    return /^[ \t\r\n]*$/.test(text.slice(reader.at)) ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

class JsonReader {
  readonly #text: string
  at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** @throws SyntaxError */
  value(depth: number): JsonValue {
    if (depth > maxDepth) throw new SyntaxError('nested too deep')
    const [sign, string, number, literal] = this.#take()
    if (string !== undefined) return JSON.parse(string) as string
    if (number !== undefined) return new JsonNumber(number)
    if (literal !== undefined) return literals[literal]!
    if (sign === '[') return this.#array(depth)
    if (sign === '{') return this.#object(depth)
    throw new SyntaxError('no value')
  }

  #take(): (string | undefined)[] {
    token.lastIndex = this.at
    const found = token.exec(this.#text)
    if (!found) throw new SyntaxError('no token')
    this.at = token.lastIndex
    return found.slice(1)
  }

  #isNext(sign: string): boolean {
    const before = this.at
    if (this.#take()[0] === sign) return true
    this.at = before
    return false
  }

  #array(depth: number): JsonValue[] {
    const values: JsonValue[] = []
    if (this.#isNext(']')) return values
    for (;;) {
      values.push(this.value(depth + 1))
      const [sign] = this.#take()
      if (sign === ']') return values
      if (sign !== ',') throw new SyntaxError('no comma')
    }
  }

  #object(depth: number): Map<string, JsonValue> {
    const members = new Map<string, JsonValue>()
    if (this.#isNext('}')) return members
    for (;;) {
      const [, name] = this.#take()
      if (name === undefined || !this.#isNext(':')) throw new SyntaxError('no name')
      members.set(JSON.parse(name) as string, this.value(depth + 1))
      const [sign] = this.#take()
      if (sign === '}') return members
      if (sign !== ',') throw new SyntaxError('no comma')
    }
  }
}

export function encodeJson(value: JsonValue | number): string {
  if (value instanceof JsonNumber) return value.text
  if (Array.isArray(value)) return `[${value.map(encodeJson).join(',')}]`
  if (value instanceof Map) {
    return `{${[...value].map(([name, inner]) => `${JSON.stringify(name)}:${encodeJson(inner)}`).join(',')}}`
  }
  return JSON.stringify(value)
}
