import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { refuseIpv6 } from '../domain/unoffered.ts'
import { errors } from '../errors.ts'
import { createVpc, defaultVpc } from '../networks.ts'
import { write } from '../operation.ts'
import { networkTopic } from '../reconcilers/network.ts'
import { findDefaultVpc } from '../tables/vpcs.ts'
import { lockDefaults } from '../tables/vswitches.ts'

/** Makes the region's default VPC, once. */
export const CreateDefaultVpc = write(contract.CreateDefaultVpc, {
  permission: 'vpc:CreateDefaultVpc',
  places: (_request, regionId) => regionId,
  resources: () => ['vpc/*'],
  idempotentBy: (request) => request.ClientToken,
  async run(ctx, request) {
    refuseIpv6({ EnableIpv6: request.EnableIpv6, Ipv6CidrBlock: request.Ipv6CidrBlock })
    await lockDefaults(ctx.db, ctx)
    const existing = await findDefaultVpc(ctx.db, ctx)
    if (existing) throw apiError(errors['OperationDenied.DefaultVpcExist'], { vpcId: existing.vpc_id })
    const { vpc, routeTableId } = await createVpc(ctx.db, ctx, ctx.clock, defaultVpc(request.ResourceGroupId))
    await ctx.wake(networkTopic)
    return { VpcId: vpc.vpc_id, VRouterId: vpc.vrouter_id, RouteTableId: routeTableId }
  },
})
