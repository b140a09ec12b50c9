import { ContractError } from './errors.ts'
import { checkNumber, readBoolean, readNumber } from './scalars.ts'
import type { Shape } from './shape.ts'

const maxJsonLength = 1024 * 1024
const maxJsonDepth = 32

/** A parameter that holds a JSON document of at most 1 MiB. @throws ContractError */
export function parseJson(text: string, name: string): unknown {
  if (text.length > maxJsonLength)
    throw ContractError.invalid(name, 'at most {limit} characters of JSON', { limit: maxJsonLength })
  try {
    return JSON.parse(text)
  } catch {
    throw ContractError.invalid(name, 'a JSON document')
  }
}

/** Copies a parsed document into the shape; unknown fields are dropped, null is absent. @throws ContractError */
export function buildJson(value: unknown, shape: Shape, name: string, depth = 0): unknown {
  if (depth > maxJsonDepth) throw ContractError.invalid(name, 'nested at most {limit} deep', { limit: maxJsonDepth })
  if (value === null || value === undefined) return undefined
  switch (shape.kind) {
    case 'string':
      if (typeof value === 'object') throw ContractError.invalid(name, 'a string')
      return String(value)
    case 'number':
      if (typeof value === 'number') return checkNumber(value, name)
      if (typeof value === 'string') return readNumber(value, name)
      throw ContractError.invalid(name, 'a number')
    case 'boolean':
      if (typeof value === 'boolean') return value
      if (typeof value === 'string') return readBoolean(value, name)
      throw ContractError.invalid(name, 'true or false')
    case 'any':
      return copyFreeJson(value, name, depth)
    case 'array': {
      if (!Array.isArray(value)) throw ContractError.invalid(name, 'a JSON list')
      const list = value.map((element, i) => buildJson(element, shape.item, `${name}.${i + 1}`, depth + 1))
      return list.filter((element) => element !== undefined)
    }
    case 'map': {
      const map: Record<string, unknown> = Object.create(null)
      for (const [key, element] of objectEntries(value, name)) {
        const built = buildJson(element, shape.value, `${name}.${key}`, depth + 1)
        if (built !== undefined) map[key] = built
      }
      return map
    }
    case 'struct': {
      const struct: Record<string, unknown> = {}
      for (const [key, element] of objectEntries(value, name)) {
        const exact = shape.fields.get(key)
        const field = exact ?? shape.fieldsByLowerCase.get(key.toLowerCase())
        if (!field || (!exact && Object.hasOwn(struct, field.name))) continue
        const built = buildJson(element, field.shape, `${name}.${field.name}`, depth + 1)
        if (built !== undefined) struct[field.name] = built
      }
      for (const field of shape.fields.values()) {
        if (field.required && struct[field.name] === undefined) throw ContractError.missing(`${name}.${field.name}`)
      }
      return struct
    }
  }
}

function objectEntries(value: unknown, name: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw ContractError.invalid(name, 'a JSON object')
  }
  return Object.entries(value)
}

/** Objects lose their prototype, so that a key such as `__proto__` is only a key. */
function copyFreeJson(value: unknown, name: string, depth: number): unknown {
  if (depth > maxJsonDepth) throw ContractError.invalid(name, 'nested at most {limit} deep', { limit: maxJsonDepth })
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((element) => copyFreeJson(element, name, depth + 1))
  const copy: Record<string, unknown> = Object.create(null)
  for (const [key, element] of Object.entries(value)) copy[key] = copyFreeJson(element, name, depth + 1)
  return copy
}
