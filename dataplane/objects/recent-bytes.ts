/**
 * Small records that were read a moment ago, in memory. A location never means other bytes than those that were put
 * there, and what is kept here has passed its checksums, so nothing has to be forgotten when rows, volumes or other
 * processes change: a location that no row holds any more is asked for by nobody, and ages out.
 *
 * There are two generations. What is found in the old one moves to the young one; when the young one holds half of
 * what is allowed it becomes the old one, and what nobody has asked for since goes.
 */

/** What an entry takes besides its bytes, about. */
const ENTRY_BYTES = 300

export class RecentBytes {
  readonly #generationBytes: number
  readonly #maxRecordBytes: number
  #young = new Map<string, Buffer>()
  #old = new Map<string, Buffer>()
  #youngBytes = 0

  /** Takes records of up to `maxRecordBytes`, and never more than `maxBytes` in all. */
  constructor({ maxBytes, maxRecordBytes }: { maxBytes: number; maxRecordBytes: number }) {
    this.#generationBytes = maxBytes / 2
    this.#maxRecordBytes = maxRecordBytes
  }

  find(location: string): Buffer | undefined {
    const young = this.#young.get(location)
    if (young) return young
    const old = this.#old.get(location)
    if (old) this.add(location, old)
    return old
  }

  /** `bytes` is the whole record, checked. Nobody may write into it. */
  add(location: string, bytes: Buffer): void {
    if (bytes.length > this.#maxRecordBytes || this.#young.has(location)) return
    const size = bytes.length + ENTRY_BYTES
    if (this.#youngBytes + size > this.#generationBytes) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngBytes = 0
    }
    if (size > this.#generationBytes) return
    this.#young.set(location, bytes)
    this.#youngBytes += size
  }
}
