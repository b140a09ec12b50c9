/** Rules of emergency access: two persons, one region, a short time. */
import type { Principal } from '@pileus/kernel/ports'
import type { Operator } from '@pileus/world/operators'

export const minMinutes = 5
export const maxMinutes = 240
export const defaultMinutes = 60
/** A request that nobody approves is void after this long. */
export const requestLifetimeMs = 24 * 60 * 60 * 1000

/** Sessions of emergency access are of this role, which no account has; its id holds the access. */
export const emergencyRoleName = 'OperatorEmergencyAccess'
const rolePrefix = 'emergency:'

export function roleIdOf(emergencyAccessId: string): string {
  return `${rolePrefix}${emergencyAccessId}`
}

/** The access that the session rests on; undefined for all other principals. */
export function findEmergencyAccessId(principal: Principal): string | undefined {
  if (principal.kind !== 'role' || !principal.roleId.startsWith(rolePrefix)) return undefined
  return principal.roleId.slice(rolePrefix.length)
}

/** The person behind a call, such as `japan/suzuki`; undefined when an account's own key hides who it is. */
export function personOf(operator: Operator, principal: Principal): string | undefined {
  return principal.kind === 'user' ? `${operator.id}/${principal.userName}` : undefined
}

/** The id of the person behind a call, which stays when the name is changed or given to another. */
export function personIdOf(principal: Principal): string | null {
  return principal.kind === 'user' ? principal.userId : null
}

/** Whether the caller is who asked for the access. */
export function isRequester(access: { requested_by: string; requested_by_id: string | null }, caller: Person): boolean {
  return access.requested_by_id === null ? access.requested_by === caller.name : access.requested_by_id === caller.id
}

export interface Person {
  /** Such as `japan/suzuki`. */
  name: string
  id: string | null
}

export type AccessStatus = 'Requested' | 'Approved' | 'Rejected' | 'Revoked' | 'Expired'

export interface StoredAccess {
  status: Exclude<AccessStatus, 'Expired'>
  requested_at: Date
  expires_at: Date | null
}

/** What a row says at a moment. */
export function statusAt(access: StoredAccess, now: Date): AccessStatus {
  if (access.status === 'Requested') {
    return now.getTime() - access.requested_at.getTime() >= requestLifetimeMs ? 'Expired' : 'Requested'
  }
  if (access.status === 'Approved')
    return access.expires_at !== null && access.expires_at > now ? 'Approved' : 'Expired'
  return access.status
}

/** What an emergency session may do: read, in one region. Objects and keys stay closed: those are the customer's. */
export function emergencyPolicy(regionId: string): string {
  return JSON.stringify({
    Version: '1',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['*:Describe*', '*:List*', '*:Get*', 'ecs:StopInstance', 'ecs:StartInstance', 'ecs:RebootInstance'],
        Resource: `acs:*:${regionId}:*:*`,
      },
      {
        Effect: 'Deny',
        Action: [
          'kms:Get*',
          'oss:GetObject*',
          'ecs:DescribeUserData',
          'ecs:DescribeCommands',
          'ecs:DescribeInvocation*',
        ],
        Resource: '*',
      },
    ],
  })
}
