import * as contract from '@pileus/contract/generated/ecs'
import { write } from '../operation.ts'

/** Deletes a group that holds no network interface and that no other group's rules name. */
export const DeleteSecurityGroup = write(contract.DeleteSecurityGroup, {
  permission: 'ecs:DeleteSecurityGroup',
  places: 'nowhere',
  resources: (request) => [`securitygroup/${request.SecurityGroupId}`],
  async run(ctx, request) {
    await ctx.vpc.securityGroups.delete(ctx.db, ctx, request.SecurityGroupId)
    return {}
  },
})
