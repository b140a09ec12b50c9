/** Values of records, and what can be done with them. */
import { UnfitRecordError } from './select-errors.ts'

/** A number of a JSON object, as it is written there. */
export class JsonNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type JsonValue = null | boolean | string | JsonNumber | JsonValue[] | Map<string, JsonValue>
/** What expressions are made of; null stands for everything that is unknown or missing. */
export type Value = null | boolean | string | number

const numberPattern = /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*$/

/** The number that a text or a number means. */
export function findNumber(value: Value): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && numberPattern.test(value) ? Number(value) : undefined
}

/**
 * Below, above or zero. Texts are compared as texts, and as numbers with a number. Undefined when either is null, or
 * they cannot be compared.
 */
export function compareValues(left: Value, right: Value): number | undefined {
  if (left === null || right === null) return undefined
  if (typeof left === 'number' || typeof right === 'number') {
    const a = findNumber(left)
    const b = findNumber(right)
    return a === undefined || b === undefined ? undefined : a - b || 0
  }
  if (typeof left === 'boolean' || typeof right === 'boolean') {
    return String(left).toLowerCase() === String(right).toLowerCase() ? 0 : Number.NaN
  }
  return left < right ? -1 : left > right ? 1 : 0
}

/** Most comparisons of characters for one value, so that no pattern keeps everybody waiting. */
const maxLikeSteps = 4_000_000

/**
 * `%` stands for any text and `_` for any character, unless `escapeSign` comes before it. The function throws
 * UnfitRecordError where that takes too long.
 */
export function compileLike(pattern: string, escapeSign: string | undefined): (text: string) => boolean {
  // Parts between `%`; undefined stands for any character.
  const parts: (string | undefined)[][] = [[]]
  const characters = [...pattern]
  for (let i = 0; i < characters.length; i += 1) {
    const character = characters[i]!
    if (character === escapeSign && i + 1 < characters.length) {
      i += 1
      parts.at(-1)!.push(characters[i])
    } else if (character === '%') parts.push([])
    else parts.at(-1)!.push(character === '_' ? undefined : character)
  }
  const first = parts[0]!
  const last = parts.at(-1)!
  const middle = parts.slice(1, -1).filter((part) => part.length > 0)
  return (text) => {
    const given = [...text]
    let steps = 0
    const fits = (at: number, part: readonly (string | undefined)[]): boolean => {
      if (at + part.length > given.length) return false
      for (let i = 0; i < part.length; i += 1) {
        steps += 1
        if (part[i] !== undefined && part[i] !== given[at + i]) return false
      }
      if (steps > maxLikeSteps) throw new UnfitRecordError()
      return true
    }
    if (!fits(0, first)) return false
    if (parts.length === 1) return given.length === first.length
    const end = given.length - last.length
    let at = first.length
    for (const part of middle) {
      while (at + part.length <= end && !fits(at, part)) {
        at += 1
        if (steps > maxLikeSteps) throw new UnfitRecordError()
      }
      at += part.length
      if (at > end) return false
    }
    return at <= end && fits(end, last)
  }
}
