/**
 * Cuts a byte stream into JSON objects. OVSDB sends messages back to back with nothing between them, so the end of one
 * is where its outermost brace closes.
 */

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d

/** Collects chunks and gives each complete top-level JSON object, in order. */
export class JsonStream {
  readonly #maxMessageBytes: number
  #chunks: Buffer[] = []
  #bufferedBytes = 0
  #depth = 0
  #inString = false
  #escaped = false

  /** @param maxMessageBytes longest message accepted; a longer one is an error, so that a peer cannot fill memory. */
  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes
  }

  /**
   * Messages that end within `chunk`.
   * @throws SyntaxError when a message is no JSON, Error when it is too long or starts with something else than `{`
   */
  push(chunk: Buffer): unknown[] {
    const messages: unknown[] = []
    let start = 0
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at]!
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (byte === backslash) this.#escaped = true
        else if (byte === quote) this.#inString = false
      } else if (byte === quote) {
        this.#inString = true
      } else if (byte === openBrace) {
        if (this.#depth === 0) start = at
        this.#depth += 1
      } else if (byte === closeBrace) {
        this.#depth -= 1
        if (this.#depth === 0) {
          messages.push(this.#take(chunk.subarray(start, at + 1)))
          start = at + 1
        }
      } else if (this.#depth === 0 && byte > 0x20) {
        throw new Error(`expected a JSON object, got byte 0x${byte.toString(16)}`)
      }
      if (this.#depth < 0) throw new Error('unbalanced brace in JSON stream')
    }
    if (this.#depth > 0) this.#keep(chunk.subarray(start))
    return messages
  }

  #keep(part: Buffer): void {
    this.#chunks.push(part)
    this.#bufferedBytes += part.length
    if (this.#bufferedBytes > this.#maxMessageBytes) {
      throw new Error(`message is longer than ${this.#maxMessageBytes} bytes`)
    }
  }

  #take(last: Buffer): unknown {
    const whole = this.#chunks.length === 0 ? last : Buffer.concat([...this.#chunks, last])
    this.#chunks = []
    this.#bufferedBytes = 0
    return JSON.parse(whole.toString('utf8'))
  }
}
