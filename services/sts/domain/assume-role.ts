/** What AssumeRole asks for, checked. */
import { apiError } from '@pileus/kernel/errors'
import type { AccountId } from '@pileus/kernel/ids'
import { stsErrors } from '../errors.ts'

export interface RoleRef {
  accountId: AccountId
  roleName: string
}

const shortestSeconds = 900
const defaultSeconds = 3_600
/** A session that a session opens. */
const longestChainedSeconds = 3_600
const longestPolicy = 2_048

/** @throws InvalidParameter.RoleArn */
export function parseRoleArn(value: string): RoleRef {
  const [, accountId, roleName] = /^acs:ram:\*?:(\d{1,20}):role\/([\w.-]{1,64})$/.exec(value) ?? []
  if (accountId === undefined || roleName === undefined) {
    throw apiError(stsErrors['InvalidParameter.RoleArn'], { value })
  }
  return { accountId: accountId as AccountId, roleName }
}

/** @throws InvalidParameter.RoleSessionName */
export function parseSessionName(value: string): string {
  if (!/^[\w.@-]{2,64}$/.test(value)) throw apiError(stsErrors['InvalidParameter.RoleSessionName'])
  return value
}

/** @throws InvalidParameter.ExternalId */
export function parseExternalId(value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined
  if (!/^[\w+=,.@:/-]{2,1224}$/.test(value)) throw apiError(stsErrors['InvalidParameter.ExternalId'])
  return value
}

/**
 * Seconds that the session lasts: an hour unless asked otherwise.
 * @throws InvalidParameter.DurationSeconds outside 15 minutes to what the role allows
 */
export function chooseSessionSeconds(asked: number | undefined, maxSeconds: number, isChained: boolean): number {
  const max = isChained ? Math.min(maxSeconds, longestChainedSeconds) : maxSeconds
  const seconds = asked ?? Math.min(defaultSeconds, max)
  if (!Number.isInteger(seconds) || seconds < shortestSeconds || seconds > max) {
    const facts = { min: shortestSeconds, max, value: seconds }
    throw apiError(stsErrors['InvalidParameter.DurationSeconds'], facts)
  }
  return seconds
}

/** @throws InvalidParameter.PolicySize, InvalidParameter.PolicyGrammar */
export function parseSessionPolicy(value: string | undefined, check: (text: string) => void): string | undefined {
  if (value === undefined || value === '') return undefined
  if (value.length > longestPolicy) {
    throw apiError(stsErrors['InvalidParameter.PolicySize'], { limit: longestPolicy, length: value.length })
  }
  try {
    check(value)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw apiError(stsErrors['InvalidParameter.PolicyGrammar'], { reason }, { cause })
  }
  return value
}
