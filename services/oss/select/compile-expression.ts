/** Turns expressions into functions of a record. */
import { UnfitRecordError } from './select-errors.ts'
import type { ArithmeticOperator, CastType, Column, Comparison, Expression } from './sql.ts'
import { compareValues, compileLike, findNumber, type Value } from './values.ts'

export interface SelectRecord {
  /** Undefined when the record has no such column. */
  find(column: Column): Value | undefined
}

export type Evaluate = (record: SelectRecord) => Value

const comparisons: Readonly<Record<Comparison, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

const operators: Readonly<Record<ArithmeticOperator, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
}

/** The function throws UnfitRecordError where a value cannot be cast. */
export function compileExpression(expression: Expression): Evaluate {
  switch (expression.kind) {
    case 'literal': {
      const { value } = expression
      return () => value
    }
    case 'column':
      return (record) => record.find(expression) ?? null
    case 'and':
      return compileChain(expression.operands, false)
    case 'or':
      return compileChain(expression.operands, true)
    case 'not': {
      const operand = compileExpression(expression.operand)
      return (record) => {
        const value = operand(record)
        return value === null ? null : value !== true
      }
    }
    case 'negate': {
      const operand = compileExpression(expression.operand)
      return (record) => finite(-(findNumber(operand(record)) ?? Number.NaN))
    }
    case 'arithmetic': {
      const [left, right] = [compileExpression(expression.left), compileExpression(expression.right)]
      const operate = operators[expression.operator]
      return (record) => {
        const [a, b] = [findNumber(left(record)), findNumber(right(record))]
        return a === undefined || b === undefined ? null : finite(operate(a, b))
      }
    }
    case 'concat': {
      const [left, right] = [compileExpression(expression.left), compileExpression(expression.right)]
      return (record) => {
        const [a, b] = [left(record), right(record)]
        return a === null || b === null ? null : `${a}${b}`
      }
    }
    case 'compare': {
      const [left, right] = [compileExpression(expression.left), compileExpression(expression.right)]
      const holds = comparisons[expression.operator]
      return (record) => {
        const order = compareValues(left(record), right(record))
        return order === undefined ? null : holds(order)
      }
    }
    case 'like': {
      const operand = compileExpression(expression.operand)
      const matches = compileLike(expression.pattern, expression.escape)
      return (record) => {
        const value = operand(record)
        return value === null ? null : matches(String(value))
      }
    }
    case 'between': {
      const [operand, least, most] = [expression.operand, expression.least, expression.most].map(compileExpression)
      return (record) => {
        const value = operand!(record)
        const [above, below] = [compareValues(value, least!(record)), compareValues(value, most!(record))]
        return above === undefined || below === undefined ? null : above >= 0 && below <= 0
      }
    }
    case 'in': {
      const operand = compileExpression(expression.operand)
      const values = expression.values.map(compileExpression)
      return (record) => {
        const value = operand(record)
        return value === null ? null : values.some((one) => compareValues(value, one(record)) === 0)
      }
    }
    case 'isNull': {
      const operand = compileExpression(expression.operand)
      return (record) => operand(record) === null
    }
    case 'cast': {
      const operand = compileExpression(expression.operand)
      const { type } = expression
      return (record) => castValue(operand(record), type)
    }
  }
}

/** AND ends at the first false, OR at the first true; else what is unknown makes all unknown. */
function compileChain(operands: readonly Expression[], decisive: boolean): Evaluate {
  const evaluates = operands.map(compileExpression)
  return (record) => {
    let isUnknown = false
    for (const evaluate of evaluates) {
      const value = evaluate(record)
      if (value === null) isUnknown = true
      else if ((value === true) === decisive) return decisive
    }
    return isUnknown ? null : !decisive
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

/** An empty text is no number: it becomes null. @throws UnfitRecordError */
function castValue(value: Value, type: CastType): Value {
  if (value === null) return null
  if (type === 'string') return String(value)
  if (value === '') return null
  if (type === 'bool') {
    const text = String(value).toLowerCase()
    if (text === 'true' || text === 'false') return text === 'true'
  } else if (type === 'timestamp') {
    const time = typeof value === 'boolean' ? Number.NaN : new Date(value).getTime()
    if (!Number.isNaN(time)) return new Date(time).toISOString()
  } else {
    const number = findNumber(typeof value === 'boolean' ? Number(value) : value)
    if (number !== undefined) return type === 'int' ? Math.trunc(number) : number
  }
  throw new UnfitRecordError()
}
