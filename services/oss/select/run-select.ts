/** Reads an object piece by piece, and makes the answer of it as it goes. */
import { pipeline, Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import { ApiError } from '@pileus/kernel/errors'
import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { continuousFrame, dataFrame, endFrame, metaFrame, type SelectMeta } from './frames.ts'
import type { RecordReader, Span } from './record-reader.ts'
import { UnfitRecordError } from './select-errors.ts'
import type { RecordRange } from './select-request.ts'
import type { Selection } from './selection.ts'

/** A frame has about as much, in characters. */
const frameLength = 64 * 1024
/** After so many bytes without an answer a frame says that work goes on. */
const quietBytes = 8 * 1024 * 1024
/** Records that begin in the same so many bytes are a split. */
export const splitBytes = 4 * 1024 * 1024

/** The object's bytes, counted as they are read. */
export class CountedSource {
  readonly #bytes: Buffer | AsyncIterable<Buffer>
  readonly #isGzip: boolean
  readBytes = 0

  constructor(bytes: Buffer | AsyncIterable<Buffer>, isGzip: boolean) {
    this.#bytes = bytes
    this.#isGzip = isGzip
  }

  /** @throws DecompressFailure */
  async *chunks(): AsyncGenerator<Buffer> {
    if (!this.#isGzip) {
      yield* this.#counted()
      return
    }
    // What the object store says of its bytes is not about their compression.
    let unread: unknown
    const counted = this.#counted.bind(this)
    async function* watched(): AsyncGenerator<Buffer> {
      try {
        yield* counted()
      } catch (error) {
        unread = error
        throw error
      }
    }
    try {
      for await (const chunk of pipeline(Readable.from(watched()), createGunzip(), () => {})) yield chunk as Buffer
    } catch (error) {
      throw unread ?? objectError(errors.DecompressFailure, { cause: error })
    }
  }

  async *#counted(): AsyncGenerator<Buffer> {
    const chunks = Buffer.isBuffer(this.#bytes) ? [this.#bytes] : this.#bytes
    for await (const chunk of chunks) {
      this.readBytes += chunk.length
      yield chunk
      // Everybody else gets a turn.
      await setImmediate()
    }
  }
}

/** All records, each with what was read so far. */
async function* readRecords<R extends Span>(
  source: CountedSource,
  reader: RecordReader<R>,
): AsyncGenerator<Iterable<R>> {
  for await (const chunk of source.chunks()) yield reader.push(chunk)
  yield reader.end()
}

export interface SelectPlan<R extends Span> {
  readonly source: CountedSource
  readonly reader: RecordReader<R>
  readonly selection: Selection<R>
  readonly range: RecordRange | undefined
  /** Most records of the answer. */
  readonly limit: number | undefined
  readonly maxSkipped: number
  readonly isRaw: boolean
}

/**
 * The body of the answer. What is wrong before anything is answered is thrown; later on the last frame says it, and an
 * answer without frames is cut.
 */
export async function* runSelect<R extends Span>(plan: SelectPlan<R>): AsyncGenerator<Buffer> {
  const { source, isRaw } = plan
  const pack = (text: string): Buffer => (isRaw ? Buffer.from(text) : dataFrame(source.readBytes, Buffer.from(text)))
  let pending = ''
  let sentAt: number | undefined
  try {
    for await (const text of selectTexts(plan)) {
      pending += text
      if (pending.length >= frameLength) {
        yield pack(pending)
        pending = ''
        sentAt = source.readBytes
      } else if (!isRaw && source.readBytes - (sentAt ?? 0) >= quietBytes) {
        yield pending === '' ? continuousFrame(source.readBytes) : pack(pending)
        pending = ''
        sentAt = source.readBytes
      }
    }
    if (pending !== '') yield pack(pending)
    if (!isRaw) yield endFrame(source.readBytes, 206, '')
  } catch (error) {
    const isAnswered = sentAt !== undefined || pending !== ''
    if (!isAnswered || !(error instanceof ApiError)) throw error
    if (pending !== '') yield pack(pending)
    if (isRaw) throw error
    yield endFrame(source.readBytes, error.httpStatus, `${error.code}.${error.message}`)
  }
}

/** What goes into the answer, for one record after the other; empty texts while there is none. */
async function* selectTexts<R extends Span>(plan: SelectPlan<R>): AsyncGenerator<string> {
  const { source, reader, selection, range, limit = Number.POSITIVE_INFINITY, maxSkipped } = plan
  let isFirst = true
  let taken = 0
  let skipped = 0
  reading: for await (const records of readRecords(source, reader)) {
    // One text for many records, as each costs a turn.
    let text = ''
    try {
      for (const record of records) {
        if (isFirst && selection.readHeader) {
          text += selection.readHeader(record)
          isFirst = false
          continue
        }
        isFirst = false
        const place = placeOf(record, range?.unit)
        if (range && place < range.first) continue
        if (taken >= limit || (range && place > range.last)) {
          yield text
          break reading
        }
        try {
          const selected = selection.take(record)
          if (selected === undefined) continue
          taken += 1
          text += selected
        } catch (error) {
          if (!(error instanceof UnfitRecordError)) throw error
          skipped += 1
          if (skipped > maxSkipped) {
            throw objectError(errors.InvalidDataRecord, { facts: { line: record.line + 1, limit: maxSkipped } })
          }
        }
        if (text.length >= frameLength) {
          yield text
          text = ''
        }
      }
    } catch (error) {
      if (text !== '') yield text
      throw error
    }
    yield text
  }
  yield selection.finish()
}

function placeOf({ line, offset }: Span, unit: RecordRange['unit'] | undefined): number {
  if (unit === 'byte') return offset
  return unit === 'split' ? Math.floor(offset / splitBytes) : line
}

/** The body that counts an object's records. */
export async function* runMeta<R extends Span>(
  source: CountedSource,
  reader: RecordReader<R>,
  columnsOf: ((record: R) => number) | undefined,
): AsyncGenerator<Buffer> {
  let lines = 0
  let splits = 0
  let columns = columnsOf && 0
  let sentAt = 0
  const meta = (): SelectMeta => ({ lines, splits, columns })
  try {
    for await (const records of readRecords(source, reader)) {
      for (const record of records) {
        if (columnsOf && lines === 0) columns = columnsOf(record)
        lines = record.line + 1
        splits = Math.floor(record.offset / splitBytes) + 1
      }
      if (source.readBytes - sentAt >= quietBytes) {
        yield continuousFrame(source.readBytes)
        sentAt = source.readBytes
      }
    }
    yield metaFrame(source.readBytes, 200, meta(), '')
  } catch (error) {
    if (sentAt === 0 || !(error instanceof ApiError)) throw error
    yield metaFrame(source.readBytes, error.httpStatus, meta(), `${error.code}.${error.message}`)
  }
}
