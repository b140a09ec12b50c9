/**
 * Conditions answer yes, no, or `unknown`: when the operator is not known, the request has no such key, or a value
 * cannot be read. Who asks decides what `unknown` means; it never allows anything.
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net'
import type { Condition } from './document.ts'
import { compileGlob } from './glob.ts'

export type Answer = boolean | 'unknown'

/** Values of condition keys of a request. */
export type ConditionValues = Readonly<Record<string, string>>

export type ConditionTest = (values: ConditionValues) => Answer

/** Makes the test of one value that a policy holds. */
type ValueTest = (wanted: string) => (actual: string) => Answer

interface Operator {
  /** A negative operator holds when its positive one holds of none of the values. */
  negative: boolean
  test: ValueTest
}

const equals: ValueTest = (wanted) => (actual) => actual === wanted
const equalsIgnoreCase: ValueTest = (wanted) => {
  const lower = wanted.toLowerCase()
  return (actual) => actual.toLowerCase() === lower
}
const like: ValueTest = compileGlob

const operators: Readonly<Record<string, Operator>> = {
  StringEquals: { negative: false, test: equals },
  StringNotEquals: { negative: true, test: equals },
  StringEqualsIgnoreCase: { negative: false, test: equalsIgnoreCase },
  StringNotEqualsIgnoreCase: { negative: true, test: equalsIgnoreCase },
  StringLike: { negative: false, test: like },
  StringNotLike: { negative: true, test: like },
  Bool: { negative: false, test: sameBoolean },
  IpAddress: { negative: false, test: inNetwork },
  NotIpAddress: { negative: true, test: inNetwork },
  ...comparisons('Numeric', parseNumber),
  ...comparisons('Date', parseDate),
}

/** Whether the operator is one that is evaluated; others are always `unknown`. */
function isKnownOperator(name: string): boolean {
  return Object.hasOwn(operators, name)
}

export function compileCondition(condition: Condition): ConditionTest {
  const operator = isKnownOperator(condition.operator) ? operators[condition.operator] : undefined
  if (!operator) return () => 'unknown'
  const tests = condition.values.map(operator.test)
  return (values) => {
    const actual = findValue(values, condition.key)
    if (actual === undefined) return 'unknown'
    const answer = anyOf(tests, actual)
    if (answer === 'unknown') return 'unknown'
    return operator.negative ? !answer : answer
  }
}

/** Keys are the same in any case. */
function findValue(values: ConditionValues, key: string): string | undefined {
  if (Object.hasOwn(values, key)) return values[key]
  const lower = key.toLowerCase()
  for (const name of Object.keys(values)) if (name.toLowerCase() === lower) return values[name]
  return undefined
}

function anyOf(tests: readonly ((actual: string) => Answer)[], actual: string): Answer {
  let answer: Answer = false
  for (const test of tests) {
    const one = test(actual)
    if (one === true) return true
    if (one === 'unknown') answer = 'unknown'
  }
  return answer
}

function comparisons(prefix: string, parse: (text: string) => number | undefined): Record<string, Operator> {
  const compare =
    (holds: (actual: number, wanted: number) => boolean): ValueTest =>
    (wantedText) => {
      const wanted = parse(wantedText)
      return (actualText) => {
        const actual = parse(actualText)
        return wanted === undefined || actual === undefined ? 'unknown' : holds(actual, wanted)
      }
    }
  const same = compare((actual, wanted) => actual === wanted)
  return {
    [`${prefix}Equals`]: { negative: false, test: same },
    [`${prefix}NotEquals`]: { negative: true, test: same },
    [`${prefix}LessThan`]: { negative: false, test: compare((actual, wanted) => actual < wanted) },
    [`${prefix}LessThanEquals`]: { negative: false, test: compare((actual, wanted) => actual <= wanted) },
    [`${prefix}GreaterThan`]: { negative: false, test: compare((actual, wanted) => actual > wanted) },
    [`${prefix}GreaterThanEquals`]: { negative: false, test: compare((actual, wanted) => actual >= wanted) },
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

function parseBoolean(text: string): boolean | undefined {
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
