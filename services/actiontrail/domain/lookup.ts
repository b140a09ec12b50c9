import { apiError } from '@pileus/kernel/errors'
import { say, type Text } from '@pileus/kernel/messages/text'
import { errors } from '../errors.ts'

/** What LookupEvents can look for, and the column that knows it. */
export const lookupColumns = {
  ServiceName: 'service_name',
  EventName: 'event_name',
  User: 'user_name',
  EventId: 'event_id',
  ResourceType: 'resource_type',
  ResourceName: 'resource_names',
  EventRW: 'event_rw',
  EventAccessKeyId: 'access_key_id',
} as const

export type LookupKey = keyof typeof lookupColumns

export interface LookupQuestion {
  start: Date
  end: Date
  condition: { key: LookupKey; value: string } | undefined
  direction: 'FORWARD' | 'BACKWARD'
  limit: number
  /** Index of the last entry of the page before. */
  after: number | undefined
}

const dayMs = 86_400_000
/** How far back a question without a start looks. */
const defaultRangeMs = 7 * dayMs
const defaultResults = 20
const maxResults = 50

interface LookupRequest {
  StartTime?: string | undefined
  EndTime?: string | undefined
  LookupAttribute?: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined
  Direction?: string | undefined
  MaxResults?: string | undefined
  NextToken?: string | undefined
}

/** @throws InvalidQueryParameter */
export function parseLookup(request: LookupRequest, now: Date): LookupQuestion {
  const end = parseTime('EndTime', request.EndTime) ?? now
  const start = parseTime('StartTime', request.StartTime) ?? new Date(end.getTime() - defaultRangeMs)
  if (start > end) throw refused('StartTime', say`it must not be after EndTime.`)
  const direction = (request.Direction || 'BACKWARD').toUpperCase()
  if (direction !== 'FORWARD' && direction !== 'BACKWARD')
    throw refused('Direction', say`it must be FORWARD or BACKWARD.`)
  const limit = Number(request.MaxResults || defaultResults)
  if (!Number.isInteger(limit) || limit < 0 || limit > maxResults) {
    throw refused('MaxResults', say`it must be an integer from 0 to ${maxResults}.`)
  }
  return {
    start,
    end,
    direction,
    limit: limit || defaultResults,
    condition: parseCondition(request.LookupAttribute ?? []),
    after: parseToken(request.NextToken),
  }
}

function parseCondition(attributes: NonNullable<LookupRequest['LookupAttribute']>): LookupQuestion['condition'] {
  const [first, ...more] = attributes
  if (!first) return undefined
  if (more.length > 0) throw refused('LookupAttribute', say`one query has one condition; ask again for the other.`)
  const { Key: key = '', Value: value = '' } = first
  if (!(key in lookupColumns)) {
    throw refused('LookupAttribute.1.Key', say`it must be one of ${Object.keys(lookupColumns).join(', ')}.`)
  }
  if (value === '') throw refused('LookupAttribute.1.Value', say`it must not be empty.`)
  return { key: key as LookupKey, value }
}

function parseTime(parameter: string, text: string | undefined): Date | undefined {
  if (!text) return undefined
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? new Date(text) : undefined
  if (!at || Number.isNaN(at.getTime()))
    throw refused(parameter, say`it must be a UTC time such as 2026-11-01T00:00:00Z.`)
  return at
}

export function tokenOf(index: number): string {
  return Buffer.from(`1:${index}`).toString('base64url')
}

function parseToken(token: string | undefined): number | undefined {
  if (!token) return undefined
  const [, index] = /^1:(\d{1,15})$/.exec(Buffer.from(token, 'base64url').toString()) ?? []
  if (index === undefined) throw refused('NextToken', say`it is not a token of this API.`)
  return Number(index)
}

function refused(parameter: string, reason: Text) {
  return apiError(errors.InvalidQueryParameter, { parameter, reason })
}
