import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { parseSecondaryCidr } from '../domain/addressing.ts'
import { formatCidr } from '../domain/cidr.ts'
import { quotas } from '../domain/quotas.ts'
import { refuseIpam, refuseIpv6 } from '../domain/unoffered.ts'
import { errors } from '../errors.ts'
import { write } from '../operation.ts'
import { networkTopic } from '../reconcilers/network.ts'
import { blocksOf, findVpcLocked, updateVpc } from '../tables/vpcs.ts'

/** Gives a VPC another IPv4 block. */
export const AssociateVpcCidrBlock = write(contract.AssociateVpcCidrBlock, {
  permission: 'vpc:AssociateVpcCidrBlock',
  places: 'nowhere',
  resources: (request) => [`vpc/${request.VpcId}`],
  async run(ctx, request) {
    const { IPv6CidrBlock, Ipv6CidrMask, Ipv6Isp, SecondaryCidrMask, IpamPoolId } = request
    const IpVersion = request.IpVersion?.toUpperCase() === 'IPV6' ? request.IpVersion : undefined
    refuseIpv6({ IpVersion, IPv6CidrBlock, Ipv6CidrMask, Ipv6Isp })
    refuseIpam({ IpamPoolId, SecondaryCidrMask })
    if (!request.SecondaryCidrBlock) throw apiError(errors.MissingParameter, { parameter: 'SecondaryCidrBlock' })
    const vpc = await findVpcLocked(ctx.db, ctx, request.VpcId, 'shape')
    if (!vpc) throw apiError(errors['InvalidVpcId.NotFound'], { vpcId: request.VpcId })
    if (vpc.secondary_cidrs.length >= quotas.secondaryCidrsPerVpc) {
      throw apiError(errors['QuotaExceeded.SecondaryCidrBlock'], { limit: quotas.secondaryCidrsPerVpc })
    }
    const cidr = formatCidr(parseSecondaryCidr(request.SecondaryCidrBlock, blocksOf(vpc)))
    await updateVpc(ctx.db, vpc.vpc_id, { secondary_cidrs: [...vpc.secondary_cidrs, cidr] })
    await ctx.wake(networkTopic)
    return { CidrBlock: cidr, IpVersion: 'IPV4' }
  },
})
