import * as contract from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say, type Text } from '@pileus/kernel/messages/text'
import { getInstanceType } from '../domain/instance-types.ts'
import { checkDescription, checkHostName, checkInstanceName } from '../domain/names.ts'
import { oneOf, parseUserData } from '../domain/plan-instances.ts'
import { write } from '../operation.ts'
import { lockInstance, updateInstance } from '../tables/instances.ts'
import type { InstanceRow } from '../tables/schema.ts'
import { wakeMachines } from '../wake-machines.ts'

/** What is given changes; what is left out stays. Guests see a new host name when they boot. */
export const ModifyInstanceAttribute = write(contract.ModifyInstanceAttribute, {
  permission: 'ecs:ModifyInstanceAttribute',
  resources: (request) => [`instance/${request.InstanceId}`],
  places: (_request, regionId) => regionId,
  // Else nobody could unprotect, and so delete, what lies where it may not be any more.
  placesWhen: (request) => request.UserData !== undefined,
  async run(ctx, request) {
    refuseUnsupported(request)
    if (request.InstanceName) checkInstanceName(request.InstanceName)
    if (request.Description) checkDescription(request.Description)
    if (request.HostName) checkHostName(request.HostName)
    const row = await lockInstance(ctx.db, ctx, request.InstanceId)
    await updateInstance(ctx.db, row.id, {
      name: request.InstanceName || row.name,
      description: request.Description ?? row.description,
      host_name: request.HostName || row.host_name,
      user_data: request.UserData === undefined ? row.user_data : parseUserData(request.UserData),
      deletion_protection: request.DeletionProtection ?? row.deletion_protection,
      recyclable: request.Recyclable ?? row.recyclable,
      credit_specification: creditsOf(row, request.CreditSpecification),
    })
    if (request.HostName) await ctx.vpc.setInstanceHostname(ctx.db, ctx, row.id, request.HostName)
    const groups = (request.SecurityGroupIds ?? []).filter((id) => id !== '')
    if (groups.length > 0) await ctx.vpc.setInstanceSecurityGroups(ctx.db, ctx, row.id, [...new Set(groups)])
    await ctx.wake('vpc.network')
    await wakeMachines(ctx, [row.pool_id])
    return {}
  },
})

function creditsOf(row: InstanceRow, asked: string | undefined): string {
  if (!asked) return row.credit_specification
  if (getInstanceType(row.instance_type).credits) return oneOf('CreditSpecification', asked, ['Standard', 'Unlimited'])
  throw apiError(commonErrors.InvalidParameter, {
    parameter: 'CreditSpecification',
    reason: say`${row.instance_type} is not a burstable type.`,
  })
}

function refuseUnsupported(request: contract.ModifyInstanceAttributeRequest): void {
  const refuse = (parameter: string, reason: Text) => {
    throw apiError(commonErrors.InvalidParameter, { parameter, reason })
  }
  if (request.Password) refuse('Password', say`passwords are not set from outside; use key pairs.`)
  if (request.EnableJumboFrame) refuse('EnableJumboFrame', say`jumbo frames are not offered.`)
  if (request.EnableNetworkEncryption) refuse('EnableNetworkEncryption', say`network encryption is not offered.`)
  if (request.CpuOptions?.Core !== undefined) refuse('CpuOptions.Core', say`the type decides.`)
}
