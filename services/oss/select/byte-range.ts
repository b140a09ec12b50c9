import { say } from '@pileus/kernel/messages/text'
import { invalid } from '../domain/headers.ts'
import { resolveRange } from '../domain/range.ts'
import type { RecordRange, SelectRequest } from './select-request.ts'

/**
 * The bytes that a Range header asks for, both ends included: records that begin there are meant. Undefined for the
 * whole object. @throws InvalidArgument where it cannot be told where lines begin, InvalidRange
 */
export function readByteRange(
  header: string | undefined,
  bytes: number,
  { input, isGzip }: SelectRequest,
): RecordRange | undefined {
  if (header === undefined) return undefined
  if (input.kind !== 'csv' || input.format.allowsQuotedDelimiter || isGzip) {
    throw invalid('Range', header, say`A range of bytes needs CSV with AllowQuotedRecordDelimiter false.`)
  }
  const range = resolveRange(header, bytes, true)
  return range && { unit: 'byte', first: range.offset, last: range.offset + range.length - 1 }
}
