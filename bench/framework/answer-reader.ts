/** Follows HTTP/1.1 answers on one connection without keeping their bodies. */
const endOfHead = Buffer.from('\r\n\r\n')

export interface Answer {
  status: number
  bodyBytes: number
  /** The start of the body, for messages. */
  start: string
}

export class AnswerReader {
  readonly #onAnswer: (answer: Answer) => void
  #pending: Buffer = Buffer.alloc(0)
  #answer: Answer | undefined
  /** Bytes of the body, or of its chunk with the line end behind it, that are still to come. */
  #left = 0
  #isChunked = false

  constructor(onAnswer: (answer: Answer) => void) {
    this.#onAnswer = onAnswer
  }

  /** @throws Error when the answer does not tell its length */
  take(data: Buffer): void {
    let rest = this.#pending.length === 0 ? data : Buffer.concat([this.#pending, data])
    for (;;) {
      if (!this.#answer) {
        const head = rest.indexOf(endOfHead)
        if (head === -1) break
        this.#begin(rest.toString('latin1', 0, head))
        rest = rest.subarray(head + 4)
      }
      if (this.#isChunked && this.#left === 0) {
        const line = rest.indexOf('\r\n')
        if (line === -1) break
        const size = Number.parseInt(rest.toString('latin1', 0, line), 16)
        // The last chunk is followed by an empty line.
        if (size === 0 && rest.length < line + 4) break
        rest = rest.subarray(line + (size === 0 ? 4 : 2))
        this.#answer!.bodyBytes += size
        this.#left = size === 0 ? 0 : size + 2
        if (size > 0) continue
      } else {
        const count = Math.min(this.#left, rest.length)
        if (this.#answer!.start.length < 300) this.#answer!.start += rest.toString('latin1', 0, Math.min(count, 300))
        if (!this.#isChunked) this.#answer!.bodyBytes += count
        this.#left -= count
        rest = rest.subarray(count)
        if (this.#left > 0) break
        if (this.#isChunked) continue
      }
      const answer = this.#answer!
      this.#answer = undefined
      this.#isChunked = false
      this.#onAnswer(answer)
      if (rest.length === 0) break
    }
    this.#pending = rest
  }

  #begin(head: string): void {
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    this.#isChunked = length === undefined && /\r\ntransfer-encoding: *chunked/i.test(head)
    if (length === undefined && !this.#isChunked) throw new Error(`an answer without a length: ${head}`)
    this.#left = Number(length ?? 0)
    this.#answer = { status: Number(head.slice(9, 12)), bodyBytes: 0, start: '' }
  }
}
