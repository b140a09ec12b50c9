import { compileExpression, type SelectRecord } from './compile-expression.ts'
import { UnfitRecordError } from './select-errors.ts'
import type { Aggregate } from './sql.ts'
import { compareValues, findNumber, type Value } from './values.ts'

export interface Accumulator {
  /** @throws UnfitRecordError when the value is not what can be summed */
  add(record: SelectRecord): void
  result(): Value
}

/** Nulls count for nothing; a sum or mean of nothing is null. */
export function createAccumulator({ name, operand }: Aggregate): Accumulator {
  const evaluate = operand && compileExpression(operand)
  let count = 0
  let sum = 0
  let kept: Value = null
  return {
    add(record) {
      const value = evaluate ? evaluate(record) : 0
      if (value === null || (value === '' && name !== 'count')) return
      if (name === 'min' || name === 'max') {
        const next = findNumber(value) ?? value
        const order =
          kept === null ? undefined : (compareValues(next, kept) ?? compareValues(String(next), String(kept)))
        if (order === undefined || (name === 'min' ? order < 0 : order > 0)) kept = next
      } else if (name !== 'count') {
        const number = findNumber(value)
        if (number === undefined) throw new UnfitRecordError()
        sum += number
      }
      count += 1
    },
    result() {
      if (name === 'count') return count
      if (count === 0) return null
      if (name === 'sum') return sum
      return name === 'avg' ? sum / count : kept
    },
  }
}
