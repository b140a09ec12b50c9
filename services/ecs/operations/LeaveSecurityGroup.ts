import * as contract from '@pileus/contract/generated/ecs'
import { parseGroupMember } from '../network-parameters.ts'
import { write } from '../operation.ts'

/** Takes an instance by its primary network interface, or another network interface, out of a security group. */
export const LeaveSecurityGroup = write(contract.LeaveSecurityGroup, {
  permission: 'ecs:LeaveSecurityGroup',
  places: 'nowhere',
  resources: (request) => [
    `securitygroup/${request.SecurityGroupId}`,
    request.InstanceId ? `instance/${request.InstanceId}` : `eni/${request.NetworkInterfaceId ?? '*'}`,
  ],
  async run(ctx, request) {
    const member = parseGroupMember(request)
    if (member.kind === 'instance') await ctx.ecs.lockInstance(ctx.db, ctx, member.instanceId)
    await ctx.vpc.securityGroups.leave(ctx.db, ctx, request.SecurityGroupId, member)
    return {}
  },
})
