import * as contract from '@pileus/contract/generated/ecs'
import { parseGroupMember } from '../network-parameters.ts'
import { write } from '../operation.ts'

/** Adds an instance by its primary network interface, or another network interface, to a security group. */
export const JoinSecurityGroup = write(contract.JoinSecurityGroup, {
  permission: 'ecs:JoinSecurityGroup',
  places: 'nowhere',
  resources: (request) => [
    `securitygroup/${request.SecurityGroupId}`,
    request.InstanceId ? `instance/${request.InstanceId}` : `eni/${request.NetworkInterfaceId ?? '*'}`,
  ],
  async run(ctx, request) {
    const member = parseGroupMember(request)
    if (member.kind === 'instance') await ctx.ecs.lockInstance(ctx.db, ctx, member.instanceId)
    await ctx.vpc.securityGroups.join(ctx.db, ctx, request.SecurityGroupId, member)
    return {}
  },
})
