import type { Span } from './record-reader.ts'

/** Says what of each record goes into the answer. */
export interface Selection<R extends Span> {
  /** Is given the object's first record, if that one is about the others; what it returns begins the answer. */
  readonly readHeader: ((record: R) => string) | undefined
  /** What goes into the answer; undefined for a record that is not asked for. @throws UnfitRecordError */
  take(record: R): string | undefined
  /** What goes into the answer when all records are done. */
  finish(): string
}
