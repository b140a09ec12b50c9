import { say } from '@pileus/kernel/messages/text'
import { invalidSql } from './select-errors.ts'

export interface Token {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'sign' | 'end'
  /** Words as they are written; names and strings without quotes. */
  readonly text: string
  /** Place in the expression, from 1 on. */
  readonly at: number
}

const pattern =
  /(?<space>\s+)|(?<number>\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)|(?<word>[\p{L}_][\p{L}\p{N}_]*)|'(?<string>(?:[^']|'')*)'|"(?<double>(?:[^"]|"")*)"|`(?<tick>[^`]*)`|(?<sign><=|>=|<>|!=|\|\||[=<>+\-*/%(),.[\];])/iuy

/** @throws InvalidSqlParameter */
export function readTokens(sql: string): Token[] {
  const tokens: Token[] = []
  // The vendor takes an expression with one stray quote, or a semicolon, at its end.
  const text = sql.trim().replace(/;$/, '')
  pattern.lastIndex = 0
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex
    const groups = pattern.exec(text)?.groups
    if (!groups) {
      if (text.slice(at) === "'") break
      throw invalidSql(say`"${text.slice(at, at + 20)}" is not expected at character ${at + 1}.`)
    }
    const { space, number, word, string, double, tick, sign } = groups
    if (space !== undefined) continue
    if (number !== undefined) tokens.push({ kind: 'number', text: number, at: at + 1 })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, at: at + 1 })
    else if (string !== undefined) tokens.push({ kind: 'string', text: string.replaceAll("''", "'"), at: at + 1 })
    else if (double !== undefined) tokens.push({ kind: 'name', text: double.replaceAll('""', '"'), at: at + 1 })
    else if (tick !== undefined) tokens.push({ kind: 'name', text: tick, at: at + 1 })
    else tokens.push({ kind: 'sign', text: sign === '<>' ? '!=' : (sign ?? ''), at: at + 1 })
  }
  tokens.push({ kind: 'end', text: '', at: text.length + 1 })
  return tokens
}
