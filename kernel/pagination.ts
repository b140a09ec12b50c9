/** The two ways in which lists page: numbered pages, and tokens that continue after a key. */

import { apiError, commonErrors } from './errors.ts'
import { say } from './messages/text.ts'

export type Page =
  | { kind: 'number'; pageNumber: number; pageSize: number }
  /** `after` is the key of the last item of the page before; absent on the first page. */
  | { kind: 'token'; after: string | undefined; limit: number }

export interface PageLimits {
  defaultSize: number
  maxSize: number
}

/**
 * Reads whichever style the request uses; tokens win when both are there.
 * @throws InvalidParameter for sizes and tokens out of range.
 */
export function parsePage(
  request: {
    PageNumber?: number | undefined
    PageSize?: number | undefined
    MaxResults?: number | undefined
    NextToken?: string | undefined
  },
  limits: PageLimits = { defaultSize: 10, maxSize: 100 },
): Page {
  if (request.MaxResults !== undefined || (request.NextToken !== undefined && request.NextToken !== '')) {
    const limit = request.MaxResults ?? limits.defaultSize
    checkRange('MaxResults', limit, 1, limits.maxSize)
    return { kind: 'token', after: decodeToken(request.NextToken), limit }
  }
  const pageNumber = request.PageNumber ?? 1
  const pageSize = request.PageSize ?? limits.defaultSize
  checkRange('PageNumber', pageNumber, 1, 1_000_000)
  checkRange('PageSize', pageSize, 1, limits.maxSize)
  return { kind: 'number', pageNumber, pageSize }
}

export function encodeToken(key: string): string {
  return Buffer.from(`1:${key}`).toString('base64url')
}

function decodeToken(token: string | undefined): string | undefined {
  if (token === undefined || token === '') return undefined
  const text = Buffer.from(token, 'base64url').toString()
  if (!text.startsWith('1:') || token.length > 512) {
    throw apiError(commonErrors.InvalidParameter, {
      parameter: 'NextToken',
      reason: say`it is not a token of this API.`,
    })
  }
  return text.slice(2)
}

function checkRange(parameter: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw apiError(commonErrors.InvalidParameter, {
      parameter,
      reason: say`it must be an integer from ${min} to ${max}, and is ${value}.`,
    })
  }
}
