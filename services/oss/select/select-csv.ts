import { say } from '@pileus/kernel/messages/text'
import { createAccumulator } from './aggregates.ts'
import { compileExpression, type SelectRecord } from './compile-expression.ts'
import type { CsvField, CsvLine } from './csv-records.ts'
import { invalidSql, UnfitRecordError } from './select-errors.ts'
import type { CsvInput, SelectOutput } from './select-request.ts'
import type { Selection } from './selection.ts'
import type { Column, Query } from './sql.ts'
import type { Value } from './values.ts'

/** @throws InvalidSqlParameter for what only JSON has; its functions throw it for columns that are not there */
export function selectFromCsv(
  query: Query,
  { header, format }: CsvInput,
  output: SelectOutput,
  skipsPartial: boolean,
): Selection<CsvLine> {
  if (query.path.length > 0) throw invalidSql(say`${'ossobject.'} is not supported there.`)
  const { recordDelimiter, fieldDelimiter } = output
  const { quote } = format
  const names = new Map<string, number>()
  let fields: readonly CsvField[] = []

  const findField = (column: Column): CsvField | undefined => {
    const field = fields[indexOf(column, names)]
    if (field === undefined && skipsPartial) throw new UnfitRecordError()
    return field
  }
  const record: SelectRecord = { find: (column) => findField(column)?.text }
  const writeText = (text: string): string =>
    text.includes(fieldDelimiter) || text.includes(recordDelimiter)
      ? quote + text.replaceAll(quote, quote + quote) + quote
      : text
  const writeField = ({ raw, text }: CsvField): string => (raw === text ? writeText(text) : raw)
  const writeValue = (value: Value): string => (value === null ? '' : writeText(String(value)))
  const writeLine = (texts: readonly string[]): string => texts.join(fieldDelimiter) + recordDelimiter
  /** Fields at their own places, others empty. */
  const writeOnly = (columns: readonly Column[], write: (column: Column) => string): string => {
    const places = new Map(columns.map((column) => [indexOf(column, names), column]))
    return writeLine(fields.map((_, index) => (places.has(index) ? write(places.get(index)!) : '')))
  }

  const { where, output: asked } = query
  const condition = where && compileExpression(where)
  const accumulators = asked.kind === 'aggregates' ? asked.aggregates.map(createAccumulator) : []
  const columns =
    asked.kind === 'columns'
      ? asked.columns.map(({ expression }) => ({ expression, evaluate: compileExpression(expression) }))
      : []
  const plain = columns.map(({ expression }) => expression).filter((one): one is Column => one.kind === 'column')
  const keepsAll = output.keepsAllColumns && plain.length > 0 && plain.length === columns.length

  const writeHeader = (): string => {
    if (!output.hasHeader || asked.kind === 'aggregates') return ''
    if (asked.kind === 'everything') return writeLine(fields.map(writeField))
    if (keepsAll) return writeOnly(plain, (column) => writeField(fields[indexOf(column, names)]!))
    return writeLine(
      asked.columns.map(({ alias, expression }, place) => {
        const field = expression.kind === 'column' ? fields[indexOf(expression, names)] : undefined
        return alias !== undefined ? writeText(alias) : field ? writeField(field) : `_${place + 1}`
      }),
    )
  }

  return {
    readHeader:
      header === 'NONE'
        ? undefined
        : (line) => {
            fields = line.fields
            if (header === 'USE') {
              for (const [index, { text }] of fields.entries()) {
                const name = text.trim().toLowerCase()
                if (!names.has(name)) names.set(name, index)
              }
            }
            return writeHeader()
          },
    take(line) {
      fields = line.fields
      if (condition && condition(record) !== true) return undefined
      if (asked.kind === 'everything') return writeLine(fields.map(writeField))
      for (const accumulator of accumulators) accumulator.add(record)
      if (asked.kind === 'aggregates') return undefined
      const write = (column: Column): string => {
        const field = findField(column)
        return field ? writeField(field) : ''
      }
      if (keepsAll) return writeOnly(plain, write)
      return writeLine(
        columns.map(({ expression, evaluate }) =>
          expression.kind === 'column' ? write(expression) : writeValue(evaluate(record)),
        ),
      )
    },
    finish: () =>
      accumulators.length === 0 ? '' : writeLine(accumulators.map((accumulator) => writeValue(accumulator.result()))),
  }
}

/** Place of a column that is named, or numbered as `_1`. @throws InvalidSqlParameter */
function indexOf({ steps }: Column, names: ReadonlyMap<string, number>): number {
  const [step] = steps
  const name = steps.length === 1 && step?.kind === 'key' ? step.name : undefined
  if (name === undefined) throw invalidSql(say`${'ossobject.'} is not supported there.`)
  const index = names.get(name.toLowerCase())
  if (index !== undefined) return index
  const number = /^_([1-9]\d{0,5})$/.exec(name)?.[1]
  if (number === undefined) throw invalidSql(say`there is no column "${name.slice(0, 64)}".`)
  return Number(number) - 1
}
