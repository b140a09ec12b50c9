import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { errors } from '../errors.ts'
import { write } from '../operation.ts'
import { findVpcLocked, updateVpc } from '../tables/vpcs.ts'

/** Moves a VPC, and what shows its group, to another resource group. */
export const MoveResourceGroup = write(contract.MoveResourceGroup, {
  permission: 'vpc:MoveResourceGroup',
  places: 'nowhere',
  resources: (request) => [`vpc/${request.ResourceId}`],
  async run(ctx, request) {
    const { ResourceType: resourceType, ResourceId: vpcId } = request
    if (resourceType.toLowerCase() !== 'vpc') {
      throw apiError(errors['InvalidResourceType.NotFound'], { resourceType, known: 'VPC' })
    }
    if (!(await findVpcLocked(ctx.db, ctx, vpcId, 'shape'))) throw apiError(errors['InvalidVpcId.NotFound'], { vpcId })
    await updateVpc(ctx.db, vpcId, { resource_group_id: request.NewResourceGroupId })
    return {}
  },
})
