import { say } from '@pileus/kernel/messages/text'
import { invalidSql } from './select-errors.ts'
import { readTokens, type Token } from './sql-tokens.ts'

/** Most parts of an expression together, and how deep they may lie in one another. */
const maxParts = 1024
const maxDepth = 64

/** Reads tokens one after the other, and counts what they make. */
export class TokenReader {
  readonly #tokens: readonly Token[]
  #next = 0
  #parts = 0
  #depth = 0

  /** @throws InvalidSqlParameter */
  constructor(sql: string) {
    this.#tokens = readTokens(sql)
  }

  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)]!
  }

  take(): Token {
    const token = this.peek()
    this.#next += 1
    return token
  }

  isWord(word: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === 'word' && token.text.toLowerCase() === word
  }

  takeWord(word: string): boolean {
    if (!this.isWord(word)) return false
    this.#next += 1
    return true
  }

  takeSign(...signs: string[]): string | undefined {
    const token = this.peek()
    if (token.kind !== 'sign' || !signs.includes(token.text)) return undefined
    this.#next += 1
    return token.text
  }

  /** @throws InvalidSqlParameter when another token comes */
  needWord(word: string): void {
    if (!this.takeWord(word)) throw this.unexpected()
  }

  /** @throws InvalidSqlParameter when another token comes */
  needSign(sign: string): void {
    if (this.takeSign(sign) === undefined) throw this.unexpected()
  }

  /** Counts one part more. @throws InvalidSqlParameter */
  part<T>(value: T): T {
    this.#parts += 1
    if (this.#parts > maxParts) throw invalidSql(say`it has more than ${maxParts} parts.`)
    return value
  }

  /** Reads what lies within parentheses or the like. @throws InvalidSqlParameter */
  deeper<T>(read: () => T): T {
    this.#depth += 1
    if (this.#depth > maxDepth) throw invalidSql(say`it is nested deeper than ${maxDepth}.`)
    const value = read()
    this.#depth -= 1
    return value
  }

  unexpected() {
    const { kind, text, at } = this.peek()
    if (kind === 'end') return invalidSql(say`it ends too early.`)
    return invalidSql(say`"${text.slice(0, 20)}" is not expected at character ${at}.`)
  }
}
