import { isoSeconds } from '@pileus/kernel/clock'
import { encodeToken, parsePage } from '@pileus/kernel/pagination'
import type { CustomerRow } from './tables/customers.ts'

export function describeCustomer(row: CustomerRow) {
  return {
    AccountId: row.account_id,
    OperatorId: row.operator_id,
    IdentityStatus: row.identity_status,
    IdentityReference: row.identity_reference,
    CreateTime: isoSeconds(row.created_at),
  }
}

interface PageRequest {
  NextToken?: string | undefined
  MaxResults?: number | undefined
}

/** @throws InvalidParameter */
export function pageOf(request: PageRequest): { after: string | undefined; limit: number } {
  const page = parsePage({ MaxResults: request.MaxResults ?? 50, NextToken: request.NextToken })
  if (page.kind === 'number') throw new Error('a page by number was not asked for')
  return page
}

/** The token of the next page, when `found` holds more than this one. */
export function tokenAfter<Row>(
  found: readonly Row[],
  limit: number,
  keyOf: (row: Row) => string,
): { NextToken?: string } {
  return found.length > limit ? { NextToken: encodeToken(keyOf(found[limit - 1]!)) } : {}
}
