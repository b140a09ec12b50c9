/**
 * Conditions answer yes, no, or `unknown`: when the operator is not known, when it is not known whether the request
 * has the key, or when a value cannot be read. Who asks decides what `unknown` means; it never allows anything.
 *
 * A key that the request does not have: positive operators do not hold, negative ones do; `…IfExists` and
 * `ForAllValues` hold, `ForAnyValue` does not.
 */
import { isAbsenceKnown } from './condition-keys.ts'
import type { Condition } from './document.ts'
import { type Answer, findOperator, type NamedOperator, type Operator, parseBoolean } from './operators.ts'
import { bindPattern, bindText, hasVariables } from './variables.ts'

/** Values of condition keys of a request; a key such as `acs:TagKeys` may have several. */
export type ConditionValues = Readonly<Record<string, string | readonly string[]>>

export type ConditionTest = (values: ConditionValues) => Answer

export function compileCondition(condition: Condition): ConditionTest {
  const operator = findOperator(condition.operator)
  if (!operator) return () => 'unknown'
  const find = finderOf(condition.key)
  if (operator.base === 'Null') return compileNull(condition, find)
  const { base } = operator
  const test = compileValues(condition.values, base)
  return (values) => {
    const actual = find(values)
    if (actual === undefined) return 'unknown'
    if (actual === null) return whenAbsent(operator, base)
    if (typeof actual === 'string') return test(actual, values)
    return operator.over === 'forAllValues'
      ? every(actual, (one) => test(one, values))
      : some(actual, (one) => test(one, values))
  }
}

/** The text of a key, in any case; undefined when the request has it not, or has several. */
export function findText(values: ConditionValues, lowerKey: string): string | undefined {
  for (const name of Object.keys(values)) {
    if (name.toLowerCase() !== lowerKey) continue
    const value = values[name]
    return typeof value === 'string' ? value : undefined
  }
  return undefined
}

/** `Null` holds of `true` when the request does not have the key. */
function compileNull({ values: wanted }: Condition, find: Finder): ConditionTest {
  const answers = wanted.map(parseBoolean)
  return (values) => {
    const actual = find(values)
    if (actual === undefined || answers.includes(undefined)) return 'unknown'
    return answers.includes(actual === null)
  }
}

/** Keys are the same in any case; null: the request does not have it; undefined: nobody knows. */
type Finder = (values: ConditionValues) => string | readonly string[] | null | undefined

function finderOf(key: string): Finder {
  const lower = key.toLowerCase()
  return (values) => {
    if (Object.hasOwn(values, key)) return values[key]
    for (const name of Object.keys(values)) if (name.toLowerCase() === lower) return values[name]
    return isAbsenceKnown(lower, (name) => Object.hasOwn(values, name)) ? null : undefined
  }
}

function whenAbsent({ ifExists, over }: NamedOperator, { negative }: Operator): boolean {
  if (ifExists || over === 'forAllValues') return true
  return over === 'any' && negative
}

/** Whether one value of the request meets the operator. */
function compileValues(
  wanted: readonly string[],
  { test, negative, wildcards }: Operator,
): (actual: string, values: ConditionValues) => Answer {
  const tests = wanted.map((text): ((actual: string, values: ConditionValues) => Answer) => {
    if (!hasVariables(text)) return test(text)
    const bind = bindPattern(text)
    return (actual, values) => {
      const find = (key: string) => findText(values, key)
      if (wildcards) return bind(find)?.(actual) ?? 'unknown'
      const bound = bindText(text, find)
      return bound === undefined ? 'unknown' : test(bound)(actual)
    }
  })
  return (actual, values) => {
    const answer = some(tests, (one) => one(actual, values))
    if (answer === 'unknown') return 'unknown'
    return negative ? !answer : answer
  }
}

function some<T>(items: readonly T[], test: (item: T) => Answer): Answer {
  let answer: Answer = false
  for (const item of items) {
    const one = test(item)
    if (one === true) return true
    if (one === 'unknown') answer = 'unknown'
  }
  return answer
}

function every<T>(items: readonly T[], test: (item: T) => Answer): Answer {
  let answer: Answer = true
  for (const item of items) {
    const one = test(item)
    if (one === false) return false
    if (one === 'unknown') answer = 'unknown'
  }
  return answer
}
