import { say } from '@pileus/kernel/messages/text'
import { aggregateNames, readCondition, readName, readSteps, readValue, reservedWords } from './parse-expression.ts'
import { invalidSql } from './select-errors.ts'
import type { Aggregate, Column, Expression, Query, Selected, Step } from './sql.ts'
import { TokenReader } from './token-reader.ts'

/** Longest expression, in bytes. @see docs/sources.md#oss-select */
export const maxSqlBytes = 16 * 1024

/**
 * `select … from ossobject[.path] [alias] [where …] [limit n]`.
 * @throws InvalidSqlParameter that says where and why
 */
export function parseSql(sql: string): Query {
  if (Buffer.byteLength(sql) > maxSqlBytes) throw invalidSql(say`it is longer than ${maxSqlBytes} bytes.`)
  const tokens = new TokenReader(sql)
  tokens.needWord('select')
  const output = readOutput(tokens)
  tokens.needWord('from')
  if (!tokens.takeWord('ossobject')) throw tokens.unexpected()
  const path = readSteps(tokens)
  const alias = readAlias(tokens)
  const where = tokens.takeWord('where') ? readCondition(tokens) : undefined
  const limit = tokens.takeWord('limit') ? readLimit(tokens) : undefined
  if (tokens.peek().kind !== 'end') throw tokens.unexpected()
  const query: Query = { output, path, where, limit }
  return withoutAlias(query, new Set(['ossobject', ...(alias === undefined ? [] : [alias.toLowerCase()])]))
}

function readOutput(tokens: TokenReader): Query['output'] {
  if (tokens.takeSign('*')) return { kind: 'everything' }
  const columns: Selected[] = []
  const aggregates: Aggregate[] = []
  do {
    const name = aggregateNames.find((one) => tokens.isWord(one) && tokens.peek(1).text === '(')
    if (name === undefined) {
      const expression = readValue(tokens)
      if (!mayBeSelected(expression)) throw invalidSql(say`${expression.kind} is not supported there.`)
      columns.push({ expression, alias: readAlias(tokens) })
    } else {
      tokens.take()
      tokens.needSign('(')
      const operand = name === 'count' && tokens.takeSign('*') ? undefined : readValue(tokens)
      tokens.needSign(')')
      aggregates.push({ name, operand, alias: readAlias(tokens) })
    }
  } while (tokens.takeSign(','))
  if (aggregates.length === 0) return { kind: 'columns', columns }
  if (columns.length > 0) throw invalidSql(say`${aggregates[0]!.name} is not supported there.`)
  return { kind: 'aggregates', aggregates }
}

/** As with the vendor, conditions and joined texts are for WHERE. */
function mayBeSelected(expression: Expression): boolean {
  switch (expression.kind) {
    case 'column':
    case 'literal':
      return true
    case 'cast':
    case 'negate':
      return mayBeSelected(expression.operand)
    case 'arithmetic':
      return mayBeSelected(expression.left) && mayBeSelected(expression.right)
    default:
      return false
  }
}

/** The last one counts where several are given. */
function readAlias(tokens: TokenReader): string | undefined {
  let alias: string | undefined
  for (;;) {
    const { kind, text } = tokens.peek()
    const isName = kind === 'name' || (kind === 'word' && !reservedWords.has(text.toLowerCase()))
    if (!tokens.takeWord('as') && !(isName && alias === undefined)) return alias
    alias = readName(tokens)
  }
}

function readLimit(tokens: TokenReader): number {
  const { kind, text } = tokens.peek()
  if (kind !== 'number' || !/^\d{1,15}$/.test(text)) throw tokens.unexpected()
  return Number(tokens.take().text)
}

/** The query with columns that begin in a record, whether they say so or not. */
function withoutAlias(query: Query, aliases: ReadonlySet<string>): Query {
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip)
    if (typeof value !== 'object' || value === null) return value
    if ((value as Partial<Column>).kind === 'column') return stripColumn(value as Column, aliases)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, strip(inner)]))
  }
  return strip(query) as Query
}

function stripColumn({ kind, steps }: Column, aliases: ReadonlySet<string>): Column {
  const [first, ...rest]: readonly (Step | undefined)[] = steps
  const isAlias = first?.kind === 'key' && aliases.has(first.name.toLowerCase()) && rest.length > 0
  return { kind, steps: isAlias ? (rest as Step[]) : steps }
}
