import * as contract from '@pileus/contract/generated/sts'
import type { Principal } from '@pileus/kernel/ports'
import { read } from '../operation.ts'

/** Tells who signed the request; every identity may ask. */
export const GetCallerIdentity = read(contract.GetCallerIdentity, {
  permission: 'sts:GetCallerIdentity',
  places: 'nowhere',
  scope: 'global',
  async run(ctx) {
    return describeIdentity(ctx.principal)
  },
})

function describeIdentity(principal: Principal): Omit<contract.GetCallerIdentityResponse, 'RequestId'> {
  const { accountId } = principal
  switch (principal.kind) {
    case 'root':
      return {
        IdentityType: 'Account',
        AccountId: accountId,
        PrincipalId: accountId,
        UserId: accountId,
        Arn: `acs:ram::${accountId}:root`,
      }
    case 'user':
      return {
        IdentityType: 'RAMUser',
        AccountId: accountId,
        PrincipalId: principal.userId,
        UserId: principal.userId,
        Arn: `acs:ram::${accountId}:user/${principal.userName}`,
      }
    case 'role':
      return {
        IdentityType: 'AssumedRoleUser',
        AccountId: accountId,
        PrincipalId: `${principal.roleId}:${principal.sessionName}`,
        RoleId: principal.roleId,
        Arn: `acs:ram::${accountId}:assumed-role/${principal.roleName}/${principal.sessionName}`,
      }
    case 'anonymous':
      // Authorization refuses callers who did not sign.
      throw new Error('an anonymous caller reached GetCallerIdentity')
  }
}
