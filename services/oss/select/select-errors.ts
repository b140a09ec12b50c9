import type { Text } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'

export function invalidSql(reason: Text) {
  return objectError(errors.InvalidSqlParameter, { facts: { reason } })
}

/** `line` counts from 1. */
export function invalidCsv(line: number, reason: Text) {
  return objectError(errors.InvalidCsvLine, { facts: { line, reason } })
}

/** `offsetBytes` is where in the object, uncompressed. */
export function invalidJson(offsetBytes: number) {
  return objectError(errors.InvalidJsonData, { facts: { offset: offsetBytes } })
}

/** A record lacks what is selected, or has another type than it is cast to. Such records may be skipped. */
export class UnfitRecordError extends Error {}
