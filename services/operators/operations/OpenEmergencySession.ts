import * as contract from '@pileus/contract/generated/operators'
import { isoSeconds } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import type { AccountId } from '@pileus/kernel/ids'
import { checkResidency } from '../check-residency.ts'
import { emergencyRoleName, isRequester, personIdOf, roleIdOf } from '../domain/emergency-access.ts'
import { getAccess, tellCustomer, viewOf } from '../emergency.ts'
import { errors } from '../errors.ts'
import { getCallingOperator, getPerson, write } from '../operation.ts'

/**
 * Credentials for an approved access, for the person who asked. They end with the access, and each call checks that it
 * is still approved; what is done with them is in the customer's trail like any call.
 */
export const OpenEmergencySession = write(contract.OpenEmergencySession, {
  permission: 'operators:OpenEmergencySession',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const operator = await getCallingOperator(ctx)
    const person = getPerson(ctx, operator)
    const access = await getAccess(ctx, await viewOf(ctx), request.EmergencyAccessId, 'Approved')
    if (!isRequester(access, { name: person, id: personIdOf(ctx.principal) })) {
      throw apiError(errors['Forbidden.NotRequester'], { requester: access.requested_by })
    }
    const accountId = access.account_id as AccountId
    await checkResidency(ctx, operator, { accountId, regionId: access.region_id })
    await tellCustomer(ctx, 'Open', access, { operatorId: operator.id, name: person })
    const expiresAt = access.expires_at!
    const credentials = ctx.ram.openRoleSession({
      role: { accountId, roleId: roleIdOf(access.id), roleName: emergencyRoleName },
      sessionName: person.replace('/', '-'),
      expiresAt,
      sessionPolicy: undefined,
      isWithoutRole: true,
    })
    return { Credentials: { ...keyOf(credentials), Expiration: isoSeconds(expiresAt) } }
  },
})

function keyOf(credentials: { accessKeyId: string; accessKeySecret: string; securityToken: string }) {
  return {
    AccessKeyId: credentials.accessKeyId,
    AccessKeySecret: credentials.accessKeySecret,
    SecurityToken: credentials.securityToken,
  }
}
