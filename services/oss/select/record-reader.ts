/** Longest record, in bytes; more is never held of an object. */
export const maxRecordBytes = 1024 * 1024

/** Where a record is: its line from 0 on, and its first byte in the uncompressed object. */
export interface Span {
  readonly line: number
  readonly offset: number
}

/** Is given an object's bytes piece by piece, and finds the records in them. */
export interface RecordReader<R extends Span> {
  push(chunk: Buffer): Iterable<R>
  /** What is left when all bytes were given. */
  end(): Iterable<R>
}
