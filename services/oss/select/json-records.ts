/**
 * Finds the values of a JSON object that lie at a path, without holding the rest of it: it follows what is nested,
 * and leaves the reading of what it found to others.
 */
import type { RecordReader, Span } from './record-reader.ts'
import { maxRecordBytes } from './record-reader.ts'
import { invalidJson } from './select-errors.ts'
import type { Step } from './sql.ts'

export interface JsonText extends Span {
  readonly text: string
}

interface Level {
  readonly isArray: boolean
  /** Whether the path leads through here. */
  readonly isOnPath: boolean
  /** What comes next. */
  next: 'first' | 'key' | 'colon' | 'value' | 'separator'
  index: number
  key: string
}

const quote = 0x22
const backslash = 0x5c
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
/** Of numbers, true, false and null. */
const isScalar = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  byte === 0x2b ||
  byte === 0x2d ||
  byte === 0x2e ||
  byte === 0x45 ||
  (byte >= 0x61 && byte <= 0x7a)
const isScalarStart = (byte: number): boolean => /[-0-9tfn]/.test(String.fromCharCode(byte))

/** How deep values may lie in one another. */
const maxLevels = 128

/** Lines are the values that are not in another one. */
export class JsonRecords implements RecordReader<JsonText> {
  readonly #path: readonly Step[]
  readonly #isLines: boolean
  readonly #levels: Level[] = []
  #buffer: Buffer = Buffer.alloc(0)
  /** Where the buffer begins in the object. */
  #offset = 0
  #at = 0
  /** Where the record that is being read begins in the buffer, and in how many levels it lies. */
  #record: { start: number; depth: number } | undefined
  #lines = 0
  #retryBytes = 0
  #lineOffset = 0

  constructor(path: readonly Step[], type: 'DOCUMENT' | 'LINES') {
    this.#path = path
    this.#isLines = type === 'LINES'
  }

  /** @throws InvalidJsonData */
  *push(chunk: Buffer): Generator<JsonText> {
    const kept = this.#record?.start ?? this.#at
    this.#buffer = Buffer.concat([this.#buffer.subarray(kept), chunk])
    this.#offset += kept
    this.#at -= kept
    if (this.#record) this.#record.start = 0
    // A long text is not read anew with each little piece of it.
    const unread = this.#buffer.length - this.#at
    if (unread < this.#retryBytes && unread <= maxRecordBytes) return
    yield* this.#take(false)
    this.#retryBytes = 2 * (this.#buffer.length - this.#at)
    if (this.#at - (this.#record?.start ?? this.#at) > maxRecordBytes) throw this.#invalid()
    if (this.#buffer.length - this.#at > maxRecordBytes) throw this.#invalid()
  }

  /** @throws InvalidJsonData */
  *end(): Generator<JsonText> {
    yield* this.#take(true)
    if (this.#levels.length > 0 || (this.#lines === 0 && !this.#isLines)) throw this.#invalid()
  }

  #invalid(at = this.#at) {
    return invalidJson(this.#offset + at)
  }

  *#take(isLast: boolean): Generator<JsonText> {
    const buffer = this.#buffer
    while (this.#at < buffer.length) {
      const byte = buffer[this.#at]!
      if (isSpace(byte)) {
        this.#at += 1
        continue
      }
      const start = this.#at
      const level = this.#levels.at(-1)
      let end = start + 1
      if (byte === quote) {
        end = endOfString(buffer, start + 1)
        if (end === 0) {
          if (isLast) throw this.#invalid()
          return
        }
      } else if (isScalar(byte)) {
        while (end < buffer.length && isScalar(buffer[end]!)) end += 1
        if (end === buffer.length && !isLast) return
      }
      this.#at = end
      const isClosing = byte === 0x7d || byte === 0x5d
      if (isClosing) {
        if (!level || level.isArray !== (byte === 0x5d) || (level.next !== 'first' && level.next !== 'separator')) {
          throw this.#invalid(start)
        }
        this.#levels.pop()
      } else if (!this.#beginsValue(byte, start, end, level)) continue
      const isOpening = byte === 0x7b || byte === 0x5b
      // Here a value has just ended, unless it has begun.
      if (isOpening) continue
      const record = this.#record
      if (record && record.depth === this.#levels.length) {
        this.#record = undefined
        const text = buffer.toString('utf8', record.start, end)
        yield { text, line: this.#lines - 1, offset: this.#lineOffset }
      }
    }
  }

  /** Whether a value begins with this token; what else there is between values is checked. @throws InvalidJsonData */
  #beginsValue(byte: number, start: number, end: number, level: Level | undefined): boolean {
    if (level) {
      const { next, isArray } = level
      if (next === 'separator' || next === 'colon') {
        if (byte !== (next === 'colon' ? 0x3a : 0x2c)) throw this.#invalid(start)
        level.next = next === 'colon' || isArray ? 'value' : 'key'
        if (next === 'separator') level.index += 1
        return false
      }
      if (!isArray && next !== 'value') {
        if (byte !== quote) throw this.#invalid(start)
        if (level.isOnPath) level.key = this.#readKey(start, end)
        level.next = 'colon'
        return false
      }
      level.next = 'separator'
    } else if (byte === 0x2c && this.#isLines && this.#lines > 0) return false
    if (byte !== quote && byte !== 0x7b && byte !== 0x5b && !isScalarStart(byte)) throw this.#invalid(start)
    if (!level) {
      if (this.#lines > 0 && !this.#isLines) throw this.#invalid(start)
      this.#lines += 1
      this.#lineOffset = this.#offset + start
    }
    const depth = this.#levels.length
    const isOnPath =
      this.#record === undefined && (level ? level.isOnPath && leadsTo(level, this.#path[depth - 1]) : true)
    const isFound = isOnPath && depth === this.#path.length
    if (isFound) this.#record = { start, depth }
    if (byte === 0x7b || byte === 0x5b) {
      if (depth >= maxLevels) throw this.#invalid(start)
      this.#levels.push({ isArray: byte === 0x5b, isOnPath: isOnPath && !isFound, next: 'first', index: 0, key: '' })
    }
    return true
  }

  #readKey(start: number, end: number): string {
    try {
      return JSON.parse(this.#buffer.toString('utf8', start, end)) as string
    } catch {
      throw this.#invalid(start)
    }
  }
}

function leadsTo(level: Level, step: Step | undefined): boolean {
  if (step === undefined) return false
  if (step.kind === 'key') return !level.isArray && step.name === level.key
  return level.isArray && (step.kind === 'each' || step.index === level.index)
}

/** Place after the closing quote; 0 when it is not there yet. */
function endOfString(buffer: Buffer, from: number): number {
  for (let i = from; i < buffer.length; i += 1) {
    if (buffer[i] === backslash) i += 1
    else if (buffer[i] === quote) return i + 1
  }
  return 0
}
