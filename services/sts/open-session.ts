/** Opening a session of a role for somebody whom the role trusts: what the three AssumeRole actions share. */
import { isoSeconds } from '@pileus/kernel/clock'
import type { RoleFacts } from '@pileus/ram/port'
import { chooseSessionSeconds } from './domain/assume-role.ts'
import type { StsContext } from './operation.ts'

export interface SessionRequest {
  sessionName: string
  sessionPolicy: string | undefined
  askedSeconds: number | undefined
  /** Whether a session opens it. */
  isChained: boolean
}

/** @throws InvalidParameter.DurationSeconds */
export function openSession(ctx: StsContext, role: RoleFacts, request: SessionRequest) {
  const { sessionName, sessionPolicy } = request
  const seconds = chooseSessionSeconds(request.askedSeconds, role.maxSessionSeconds, request.isChained)
  const expiresAt = new Date(Math.floor(ctx.clock.now().getTime() / 1_000) * 1_000 + seconds * 1_000)
  const credentials = ctx.ram.openRoleSession({ role, sessionName, expiresAt, sessionPolicy })
  return {
    AssumedRoleUser: {
      Arn: `acs:ram::${role.accountId}:role/${role.roleName}/${sessionName}`,
      AssumedRoleId: `${role.roleId}:${sessionName}`,
    },
    Credentials: {
      AccessKeyId: credentials.accessKeyId,
      AccessKeySecret: credentials.accessKeySecret,
      SecurityToken: credentials.securityToken,
      Expiration: isoSeconds(expiresAt),
    },
  }
}

/** Values of the keys that every call has. */
export function callConditions(ctx: StsContext): Record<string, string> {
  return {
    'acs:SourceIp': ctx.sourceIp,
    'acs:SecureTransport': String(ctx.secureTransport),
    'acs:CurrentTime': isoSeconds(ctx.clock.now()),
  }
}
