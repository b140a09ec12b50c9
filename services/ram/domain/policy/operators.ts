/** Operators of conditions. Each tests one value of the request against the values of a policy. */
import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { compileGlob } from './glob.ts'

/** `unknown` when a value cannot be read. */
export type Answer = boolean | 'unknown'

/** Makes the test of one value that a policy holds. */
export type ValueTest = (wanted: string) => (actual: string) => Answer

export interface Operator {
  /** A negative operator holds when its positive one holds of none of the policy's values. */
  negative: boolean
  test: ValueTest
  /** Whether `*` and `?` in the policy's value are wildcards. */
  wildcards: boolean
}

/** An operator with what its name adds: the set it asks about, and what a missing key means. */
export interface NamedOperator {
  base: Operator | 'Null'
  /** Which values of a key that has several are asked about; `any` without a prefix, as for a key that has one. */
  over: 'any' | 'forAnyValue' | 'forAllValues'
  ifExists: boolean
}

const equals: ValueTest = (wanted) => (actual) => actual === wanted
const equalsIgnoreCase: ValueTest = (wanted) => {
  const lower = wanted.toLowerCase()
  return (actual) => actual.toLowerCase() === lower
}

const operators: Readonly<Record<string, Operator>> = {
  StringEquals: { negative: false, test: equals, wildcards: false },
  StringNotEquals: { negative: true, test: equals, wildcards: false },
  StringEqualsIgnoreCase: { negative: false, test: equalsIgnoreCase, wildcards: false },
  StringNotEqualsIgnoreCase: { negative: true, test: equalsIgnoreCase, wildcards: false },
  StringLike: { negative: false, test: compileGlob, wildcards: true },
  StringNotLike: { negative: true, test: compileGlob, wildcards: true },
  Bool: { negative: false, test: sameBoolean, wildcards: false },
  IpAddress: { negative: false, test: inNetwork, wildcards: false },
  NotIpAddress: { negative: true, test: inNetwork, wildcards: false },
  // Networks here always include their first and last address.
  IpAddressIncludeBorder: { negative: false, test: inNetwork, wildcards: false },
  ...comparisons('Numeric', parseNumber),
  ...comparisons('Date', parseDate),
}

/** The operator that a policy names, such as `ForAnyValue:StringLike` or `BoolIfExists`. */
export function findOperator(name: string): NamedOperator | undefined {
  const [, set, rest = ''] = /^(?:(ForAnyValue|ForAllValues):)?([A-Za-z]+)$/.exec(name) ?? []
  const ifExists = rest.endsWith('IfExists')
  const base = ifExists ? rest.slice(0, -'IfExists'.length) : rest
  const over = set === 'ForAnyValue' ? 'forAnyValue' : set === 'ForAllValues' ? 'forAllValues' : 'any'
  if (base === 'Null') return set === undefined && !ifExists ? { base, over, ifExists } : undefined
  if (!Object.hasOwn(operators, base)) return undefined
  return { base: operators[base]!, over, ifExists }
}

export function listOperators(): readonly string[] {
  return [...Object.keys(operators), 'Null']
}

function comparisons(prefix: string, parse: (text: string) => number | undefined): Record<string, Operator> {
  const compare = (negative: boolean, holds: (actual: number, wanted: number) => boolean): Operator => ({
    negative,
    wildcards: false,
    test(wantedText) {
      const wanted = parse(wantedText)
      return (actualText) => {
        const actual = parse(actualText)
        return wanted === undefined || actual === undefined ? 'unknown' : holds(actual, wanted)
      }
    },
  })
  return {
    [`${prefix}Equals`]: compare(false, (actual, wanted) => actual === wanted),
    [`${prefix}NotEquals`]: compare(true, (actual, wanted) => actual === wanted),
    [`${prefix}LessThan`]: compare(false, (actual, wanted) => actual < wanted),
    [`${prefix}LessThanEquals`]: compare(false, (actual, wanted) => actual <= wanted),
    [`${prefix}GreaterThan`]: compare(false, (actual, wanted) => actual > wanted),
    [`${prefix}GreaterThanEquals`]: compare(false, (actual, wanted) => actual >= wanted),
  }
}

function parseNumber(text: string): number | undefined {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
}

/** ISO 8601 with a time zone, or a day, which begins in UTC; in milliseconds. */
function parseDate(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2}))?$/.test(text)) return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}

function sameBoolean(wantedText: string): (actual: string) => Answer {
  const wanted = parseBoolean(wantedText)
  return (actualText) => {
    const actual = parseBoolean(actualText)
    return wanted === undefined || actual === undefined ? 'unknown' : actual === wanted
  }
}

export function parseBoolean(text: string): boolean | undefined {
  const lower = text.toLowerCase()
  return lower === 'true' ? true : lower === 'false' ? false : undefined
}

/** An address, or a network as `10.0.0.0/8`; addresses of the other family are outside it. */
function inNetwork(wanted: string): (actual: string) => Answer {
  const network = parseNetwork(wanted)
  return (actualText) => {
    const actual = plainAddress(actualText)
    const family = isIPv4(actual) ? 'ipv4' : isIPv6(actual) ? 'ipv6' : undefined
    if (network === undefined || family === undefined) return 'unknown'
    return family === network.family && network.list.check(actual, family)
  }
}

function parseNetwork(text: string): { family: 'ipv4' | 'ipv6'; list: BlockList } | undefined {
  const [address = '', length, ...rest] = text.split('/')
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) && !address.includes('%') ? 'ipv6' : undefined
  if (family === undefined || rest.length > 0) return undefined
  const bits = family === 'ipv4' ? 32 : 128
  if (length !== undefined && (!/^\d{1,3}$/.test(length) || Number(length) > bits)) return undefined
  const list = new BlockList()
  list.addSubnet(address, length === undefined ? bits : Number(length), family)
  return { family, list }
}

/** IPv4 addresses reach a dual-stack socket as `::ffff:10.0.0.1`. */
function plainAddress(text: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)
  return mapped?.[1] ?? text
}
