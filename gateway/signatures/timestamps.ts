import { apiError } from '@pileus/kernel/errors'
import { gatewayErrors } from '../errors.ts'

/** How far a client's clock may be off. @see docs/sources.md#signatures */
export const allowedSkewMs = 15 * 60_000

/** @throws InvalidTimeStamp.Format unless `text` is `YYYY-MM-DDTHH:mm:ssZ`, with or without a fraction. */
export function parseIsoTimestamp(text: string): Date {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(text) ? new Date(text) : undefined
  if (!at || Number.isNaN(at.getTime())) throw badFormat(text, 'YYYY-MM-DDThh:mm:ssZ in UTC')
  return at
}

/** @throws InvalidTimeStamp.Format unless `text` is an RFC 1123 date in GMT. */
export function parseHttpDate(text: string): Date {
  const at = / GMT$/.test(text) ? new Date(text) : undefined
  if (!at || Number.isNaN(at.getTime())) throw badFormat(text, 'an HTTP date such as Mon, 23 Feb 2026 12:46:24 GMT')
  return at
}

/** @throws InvalidTimeStamp.Expired when the client's clock is too far off. */
export function checkSkew(timestamp: string, signedAt: Date, now: Date): void {
  if (Math.abs(signedAt.getTime() - now.getTime()) > allowedSkewMs) {
    throw apiError(gatewayErrors['InvalidTimeStamp.Expired'], { timestamp, now: now.toISOString() })
  }
}

function badFormat(timestamp: string, expected: string) {
  return apiError(gatewayErrors['InvalidTimeStamp.Format'], { timestamp: timestamp.slice(0, 64), expected })
}
