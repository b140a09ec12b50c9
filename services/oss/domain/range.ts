import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'

export interface ResolvedRange {
  offset: number
  length: number
}

/**
 * The bytes that a Range header asks for, or undefined for the whole object: also when it is malformed or asks for
 * several ranges, and (unless `isStandard`) when it reaches beyond the end.
 * @throws InvalidRange when `isStandard` and no byte is in the range
 */
export function resolveRange(
  header: string | undefined,
  bytes: number,
  isStandard: boolean,
): ResolvedRange | undefined {
  const parts = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '')
  if (!parts || (parts[1] === '' && parts[2] === '')) return undefined
  const first = parts[1] === '' ? undefined : Number(parts[1])
  const last = parts[2] === '' ? undefined : Number(parts[2])
  if (first === undefined) {
    const length = Math.min(last!, bytes)
    if (length === 0) return outside(isStandard, bytes)
    return { offset: bytes - length, length }
  }
  if (last !== undefined && last < first) return undefined
  if (first >= bytes) return outside(isStandard, bytes)
  if (last !== undefined && last >= bytes && !isStandard) return undefined
  return { offset: first, length: Math.min(last ?? bytes - 1, bytes - 1) - first + 1 }
}

function outside(isStandard: boolean, bytes: number): undefined {
  if (!isStandard) return undefined
  throw objectError(errors.InvalidRange, {
    details: { ActualObjectSize: String(bytes) },
    headers: { 'content-range': `bytes */${bytes}` },
  })
}
