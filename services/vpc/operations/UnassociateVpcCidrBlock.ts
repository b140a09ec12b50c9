import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { contains, getCidr } from '../domain/cidr.ts'
import { refuseIpv6 } from '../domain/unoffered.ts'
import { errors } from '../errors.ts'
import { write } from '../operation.ts'
import { networkTopic } from '../reconcilers/network.ts'
import { findVpcLocked, updateVpc } from '../tables/vpcs.ts'
import { listVSwitchesOfVpcs } from '../tables/vswitches.ts'

/** Takes a secondary IPv4 block from a VPC once no vswitch lies in it. */
export const UnassociateVpcCidrBlock = write(contract.UnassociateVpcCidrBlock, {
  permission: 'vpc:UnassociateVpcCidrBlock',
  places: 'nowhere',
  resources: (request) => [`vpc/${request.VpcId}`],
  async run(ctx, request) {
    refuseIpv6({ IPv6CidrBlock: request.IPv6CidrBlock })
    const cidr = request.SecondaryCidrBlock
    if (!cidr) throw apiError(errors.MissingParameter, { parameter: 'SecondaryCidrBlock' })
    const vpc = await findVpcLocked(ctx.db, ctx, request.VpcId, 'shape')
    if (!vpc) throw apiError(errors['InvalidVpcId.NotFound'], { vpcId: request.VpcId })
    if (!vpc.secondary_cidrs.includes(cidr)) throw apiError(errors['InvalidSecondaryCidrBlock.NotFound'], { cidr })
    const inside = (await listVSwitchesOfVpcs(ctx.db, [vpc.vpc_id])).filter((vswitch) =>
      contains(getCidr(cidr), getCidr(vswitch.cidr)),
    )
    if (inside.length > 0) {
      throw apiError(errors['DependencyViolation.VSwitch'], {
        resource: `the block ${cidr} of ${vpc.vpc_id}`,
        dependants: inside
          .slice(0, 5)
          .map((vswitch) => vswitch.vswitch_id)
          .join(', '),
      })
    }
    await updateVpc(ctx.db, vpc.vpc_id, { secondary_cidrs: vpc.secondary_cidrs.filter((block) => block !== cidr) })
    await ctx.wake(networkTopic)
    return {}
  },
})
