import { createAccumulator } from './aggregates.ts'
import { compileExpression, type SelectRecord } from './compile-expression.ts'
import type { JsonText } from './json-records.ts'
import { encodeJson, findJson } from './json-text.ts'
import { invalidJson, UnfitRecordError } from './select-errors.ts'
import type { JsonInput, SelectOutput } from './select-request.ts'
import type { Selection } from './selection.ts'
import type { Column, Query, Step } from './sql.ts'
import { JsonNumber, type JsonValue } from './values.ts'

/** Its functions throw InvalidJsonData for a record that is not JSON. */
export function selectFromJson(
  query: Query,
  { numbersAsText }: JsonInput,
  { recordDelimiter }: SelectOutput,
  skipsPartial: boolean,
): Selection<JsonText> {
  let current: JsonValue = null
  const find = ({ steps }: Column): JsonValue | undefined => {
    const value = steps.reduce<JsonValue | undefined>(stepInto, current)
    if (value === undefined && skipsPartial) throw new UnfitRecordError()
    return value
  }
  const record: SelectRecord = {
    find(column) {
      const value = find(column)
      if (value instanceof JsonNumber) return numbersAsText ? value.text : Number(value.text)
      return typeof value === 'object' && value !== null ? encodeJson(value) : value
    },
  }

  const { where, output: asked } = query
  const condition = where && compileExpression(where)
  const accumulators =
    asked.kind === 'aggregates'
      ? asked.aggregates.map((one, place) => ({ ...createAccumulator(one), name: one.alias ?? `_${place + 1}` }))
      : []
  const columns =
    asked.kind === 'columns'
      ? asked.columns.map(({ alias, expression }, place) => ({
          expression,
          name: alias ?? nameOf(expression.kind === 'column' ? expression.steps.at(-1) : undefined, place),
          evaluate: compileExpression(expression),
        }))
      : []

  return {
    readHeader: undefined,
    take({ text, offset }) {
      const value = findJson(text)
      if (value === undefined) throw invalidJson(offset)
      current = value
      if (condition && condition(record) !== true) return undefined
      if (asked.kind === 'everything') return encodeJson(current) + recordDelimiter
      for (const accumulator of accumulators) accumulator.add(record)
      if (asked.kind === 'aggregates') return undefined
      const members: string[] = []
      for (const { name, expression, evaluate } of columns) {
        const selected = expression.kind === 'column' ? find(expression) : evaluate(record)
        if (selected !== undefined) members.push(`${JSON.stringify(name)}:${encodeJson(selected)}`)
      }
      return `{${members.join(',')}}${recordDelimiter}`
    },
    finish() {
      if (accumulators.length === 0) return ''
      const members = accumulators.map(({ name, result }) => `${JSON.stringify(name)}:${encodeJson(result())}`)
      return `{${members.join(',')}}${recordDelimiter}`
    },
  }
}

function stepInto(value: JsonValue | undefined, step: Step): JsonValue | undefined {
  if (step.kind === 'key') return value instanceof Map ? value.get(step.name) : undefined
  return step.kind === 'index' && Array.isArray(value) ? value[step.index] : undefined
}

/** A member is called as the key it comes from; what has none by its place. */
function nameOf(step: Step | undefined, place: number): string {
  return step?.kind === 'key' ? step.name : `_${place + 1}`
}
