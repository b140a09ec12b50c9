/** Finds the lines of a CSV object and their columns. */
import { say } from '@pileus/kernel/messages/text'
import type { RecordReader, Span } from './record-reader.ts'
import { maxRecordBytes } from './record-reader.ts'
import { invalidCsv } from './select-errors.ts'

/** Each is one byte, the record delimiter one or two. */
export interface CsvFormat {
  readonly recordDelimiter: string
  readonly fieldDelimiter: string
  readonly quote: string
  /** Lines that begin so are no records. */
  readonly comment: string | undefined
  /** Whether the record delimiter may be within quotes. */
  readonly allowsQuotedDelimiter: boolean
}

/** One column as it is written, and what it means. */
export interface CsvField {
  readonly raw: string
  readonly text: string
}

export interface CsvLine extends Span {
  readonly fields: readonly CsvField[]
}

const carriageReturn = 0x0d

/** Lines count from 0, comments too. */
export class CsvRecords implements RecordReader<CsvLine> {
  readonly #format: CsvFormat
  readonly #delimiter: Buffer
  readonly #field: number
  readonly #quote: number
  #rest: Buffer = Buffer.alloc(0)
  #offset: number
  #line = 0
  #retryBytes = 0

  /** `offset` is where the first byte is in the object. */
  constructor(format: CsvFormat, offset = 0) {
    this.#format = format
    this.#delimiter = Buffer.from(format.recordDelimiter, 'latin1')
    this.#field = format.fieldDelimiter.charCodeAt(0)
    this.#quote = format.quote.charCodeAt(0)
    this.#offset = offset
  }

  /** @throws InvalidCsvLine */
  *push(chunk: Buffer): Generator<CsvLine> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    // A long record is not read anew with each little piece of it.
    if (this.#rest.length < this.#retryBytes && this.#rest.length <= maxRecordBytes) return
    yield* this.#take(false)
    this.#retryBytes = 2 * this.#rest.length
    if (this.#rest.length > maxRecordBytes) throw this.#invalid(say`it is longer than ${maxRecordBytes} bytes.`)
  }

  /** @throws InvalidCsvLine */
  *end(): Generator<CsvLine> {
    yield* this.#take(true)
  }

  *#take(isLast: boolean): Generator<CsvLine> {
    const buffer = this.#rest
    const delimiterBytes = this.#delimiter.length
    let from = 0
    while (from < buffer.length) {
      const found = this.#findEnd(buffer, from)
      if (found === undefined && !isLast) break
      const { end, fields } = found ?? this.#lastLine(buffer, from)
      if (end - from > maxRecordBytes) throw this.#invalid(say`it is longer than ${maxRecordBytes} bytes.`)
      const line = { line: this.#line, offset: this.#offset + from, fields }
      this.#line += 1
      from = Math.min(end + delimiterBytes, buffer.length)
      if (!this.#isComment(line.fields)) yield line
    }
    this.#rest = buffer.subarray(from)
    this.#offset += from
  }

  #isComment(fields: readonly CsvField[]): boolean {
    return this.#format.comment !== undefined && fields[0]!.raw.startsWith(this.#format.comment)
  }

  #invalid(reason: ReturnType<typeof say>) {
    return invalidCsv(this.#line + 1, reason)
  }

  #lastLine(buffer: Buffer, from: number): { end: number; fields: CsvField[] } {
    const found = this.#findEnd(Buffer.concat([buffer, this.#delimiter]), from)
    if (found === undefined) throw this.#invalid(say`its quotes do not match.`)
    return found
  }

  /** Undefined when the line goes on after the buffer. */
  #findEnd(buffer: Buffer, from: number): { end: number; fields: CsvField[] } | undefined {
    const { allowsQuotedDelimiter } = this.#format
    const [first, second] = this.#delimiter
    const fields: CsvField[] = []
    let start = from
    let isQuoted = false
    let hadQuotes = false
    for (let i = from; i < buffer.length; i += 1) {
      const byte = buffer[i]
      if (byte === this.#quote && (isQuoted || i === start || hadQuotes)) {
        isQuoted = !isQuoted
        hadQuotes = true
      } else if (byte === first && (second === undefined || buffer[i + 1] === second)) {
        if (isQuoted && allowsQuotedDelimiter) continue
        fields.push(this.#fieldOf(buffer, start, i, hadQuotes))
        return { end: i, fields }
      } else if (byte === this.#field && !isQuoted) {
        fields.push(this.#fieldOf(buffer, start, i, hadQuotes))
        start = i + 1
        hadQuotes = false
      } else if (hadQuotes && !isQuoted && byte !== carriageReturn) {
        throw this.#invalid(say`its quotes do not match.`)
      }
    }
    return undefined
  }

  #fieldOf(buffer: Buffer, start: number, end: number, hadQuotes: boolean): CsvField {
    const raw = buffer.toString('utf8', start, end)
    if (!hadQuotes) return { raw, text: raw }
    // Whatever follows the closing quote, such as the first half of a longer line end, belongs to the text.
    const { quote } = this.#format
    const close = raw.lastIndexOf(quote)
    const inner = close === 0 ? raw.slice(1) : raw.slice(1, close)
    return { raw, text: inner.replaceAll(quote + quote, quote) + (close === 0 ? '' : raw.slice(close + 1)) }
  }
}
