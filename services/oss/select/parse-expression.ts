/** Conditions and values of an SQL expression, from the loosest binding operator to the tightest. */
import { say } from '@pileus/kernel/messages/text'
import { invalidSql } from './select-errors.ts'
import type { ArithmeticOperator, CastType, Column, Comparison, Expression, Step } from './sql.ts'
import type { TokenReader } from './token-reader.ts'

/** Longest pattern of LIKE. */
const maxPatternBytes = 1024

const castTypes: Readonly<Record<string, CastType>> = {
  int: 'int',
  integer: 'int',
  bigint: 'int',
  double: 'double',
  float: 'double',
  decimal: 'double',
  numeric: 'double',
  string: 'string',
  varchar: 'string',
  char: 'string',
  bool: 'bool',
  boolean: 'bool',
  timestamp: 'timestamp',
}

export const aggregateNames = ['count', 'sum', 'avg', 'min', 'max'] as const

/** Words that end a list of columns or the name of the object. */
export const reservedWords: ReadonlySet<string> = new Set(
  'select from where limit group order by having join on union and or not like between in is as escape'.split(' '),
)

/** @throws InvalidSqlParameter */
export function readCondition(tokens: TokenReader): Expression {
  return tokens.deeper(() => readChain(tokens, 'or', () => readChain(tokens, 'and', () => readNegation(tokens))))
}

function readChain(tokens: TokenReader, word: 'and' | 'or', readOperand: () => Expression): Expression {
  const operands = [readOperand()]
  while (tokens.takeWord(word)) operands.push(readOperand())
  return operands.length === 1 ? operands[0]! : tokens.part({ kind: word, operands })
}

function readNegation(tokens: TokenReader): Expression {
  if (!tokens.takeWord('not')) return readPredicate(tokens)
  return tokens.part({ kind: 'not', operand: tokens.deeper(() => readNegation(tokens)) })
}

function readPredicate(tokens: TokenReader): Expression {
  const operand = readValue(tokens)
  const operator = tokens.takeSign('=', '!=', '<', '<=', '>', '>=')
  if (operator !== undefined) {
    return tokens.part({ kind: 'compare', operator: operator as Comparison, left: operand, right: readValue(tokens) })
  }
  if (tokens.takeWord('is')) {
    const isNot = tokens.takeWord('not')
    tokens.needWord('null')
    return inverted(isNot, tokens.part({ kind: 'isNull', operand }))
  }
  const isNot = tokens.takeWord('not')
  if (tokens.takeWord('like')) return inverted(isNot, readLike(tokens, operand))
  if (tokens.takeWord('between')) {
    const least = readValue(tokens)
    tokens.needWord('and')
    return inverted(isNot, tokens.part({ kind: 'between', operand, least, most: readValue(tokens) }))
  }
  if (tokens.takeWord('in')) {
    tokens.needSign('(')
    const values = [readValue(tokens)]
    while (tokens.takeSign(',')) values.push(readValue(tokens))
    tokens.needSign(')')
    return inverted(isNot, tokens.part({ kind: 'in', operand, values }))
  }
  if (isNot) throw tokens.unexpected()
  return operand
}

function inverted(isNot: boolean, operand: Expression): Expression {
  return isNot ? { kind: 'not', operand } : operand
}

function readLike(tokens: TokenReader, operand: Expression): Expression {
  const pattern = readString(tokens)
  if (Buffer.byteLength(pattern) > maxPatternBytes) throw invalidSql(say`it is longer than ${maxPatternBytes} bytes.`)
  if (!tokens.takeWord('escape')) return tokens.part({ kind: 'like', operand, pattern, escape: undefined })
  const { at } = tokens.peek()
  const sign = readString(tokens)
  if (sign.length !== 1) throw invalidSql(say`"${sign.slice(0, 20)}" is not expected at character ${at}.`)
  return tokens.part({ kind: 'like', operand, pattern, escape: sign })
}

function readString(tokens: TokenReader): string {
  if (tokens.peek().kind !== 'string') throw tokens.unexpected()
  return tokens.take().text
}

/** A value: sums and joined texts of products of single values. @throws InvalidSqlParameter */
export function readValue(tokens: TokenReader): Expression {
  let left = readProduct(tokens)
  for (;;) {
    const operator = tokens.takeSign('+', '-', '||')
    if (operator === undefined) return left
    const right = readProduct(tokens)
    left = tokens.part(
      operator === '||'
        ? { kind: 'concat', left, right }
        : { kind: 'arithmetic', operator: operator as ArithmeticOperator, left, right },
    )
  }
}

function readProduct(tokens: TokenReader): Expression {
  let left = readSingle(tokens)
  for (;;) {
    const operator = tokens.takeSign('*', '/', '%')
    if (operator === undefined) return left
    const right = readSingle(tokens)
    left = tokens.part({ kind: 'arithmetic', operator: operator as ArithmeticOperator, left, right })
  }
}

function readSingle(tokens: TokenReader): Expression {
  if (tokens.takeSign('(')) {
    const inner = readCondition(tokens)
    tokens.needSign(')')
    return inner
  }
  if (tokens.takeSign('-')) {
    return tokens.part({ kind: 'negate', operand: tokens.deeper(() => readSingle(tokens)) })
  }
  const { kind, text } = tokens.peek()
  if (kind === 'number') return tokens.part({ kind: 'literal', value: Number(tokens.take().text) })
  if (kind === 'string') return tokens.part({ kind: 'literal', value: tokens.take().text })
  if (kind !== 'word') return readColumn(tokens)
  const word = text.toLowerCase()
  const isCall = tokens.peek(1).text === '(' && tokens.peek(1).kind === 'sign'
  if (isCall && word === 'cast') return readCast(tokens)
  if (isCall) throw invalidSql(say`${text.slice(0, 20)} is not supported there.`)
  if (word === 'true' || word === 'false' || word === 'null') {
    tokens.take()
    return tokens.part({ kind: 'literal', value: word === 'null' ? null : word === 'true' })
  }
  return readColumn(tokens)
}

function readCast(tokens: TokenReader): Expression {
  tokens.take()
  tokens.needSign('(')
  const operand = tokens.deeper(() => readValue(tokens))
  tokens.needWord('as')
  const type = castTypes[tokens.peek().text.toLowerCase()]
  if (type === undefined || tokens.peek().kind !== 'word') throw tokens.unexpected()
  tokens.take()
  // decimal(10, 2): as many digits as there are are kept.
  if (tokens.takeSign('(')) {
    do {
      if (tokens.take().kind !== 'number') throw tokens.unexpected()
    } while (tokens.takeSign(','))
    tokens.needSign(')')
  }
  tokens.needSign(')')
  return tokens.part({ kind: 'cast', operand, type })
}

/** @throws InvalidSqlParameter */
function readColumn(tokens: TokenReader): Column {
  const steps: Step[] = [{ kind: 'key', name: readName(tokens) }, ...readSteps(tokens)]
  if (steps.some(({ kind }) => kind === 'each')) throw invalidSql(say`${'[*]'} is not supported there.`)
  return tokens.part({ kind: 'column', steps })
}

/** @throws InvalidSqlParameter */
export function readName(tokens: TokenReader): string {
  const { kind, text } = tokens.peek()
  if (kind !== 'name' && !(kind === 'word' && !reservedWords.has(text.toLowerCase()))) throw tokens.unexpected()
  return tokens.take().text
}

/** Steps after a name: `.a`, `[0]`, `[*]`. @throws InvalidSqlParameter */
export function readSteps(tokens: TokenReader): Step[] {
  const steps: Step[] = []
  for (;;) {
    if (tokens.takeSign('.')) {
      const { kind } = tokens.peek()
      // After a dot any word is a name.
      if (kind !== 'word' && kind !== 'name') throw tokens.unexpected()
      steps.push(tokens.part({ kind: 'key', name: tokens.take().text }))
    } else if (tokens.takeSign('[')) {
      const { kind, text } = tokens.peek()
      if (kind === 'number' && /^\d{1,9}$/.test(text)) steps.push({ kind: 'index', index: Number(tokens.take().text) })
      else if (kind === 'string') steps.push({ kind: 'key', name: tokens.take().text })
      else {
        tokens.needSign('*')
        steps.push({ kind: 'each' })
      }
      tokens.part(steps)
      tokens.needSign(']')
    } else return steps
  }
}
