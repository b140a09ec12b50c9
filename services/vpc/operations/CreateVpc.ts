import * as contract from '@pileus/contract/generated/vpc'
import { setTags } from '@pileus/kernel/tags'
import { defaultVpcCidr, parseUserCidrs, parseVpcCidr } from '../domain/addressing.ts'
import { formatCidr } from '../domain/cidr.ts'
import { parseDescription, parseName } from '../domain/names.ts'
import { tagsOf } from '../domain/tags.ts'
import { refuseIpam, refuseIpv6 } from '../domain/unoffered.ts'
import { errors } from '../errors.ts'
import { createVpc } from '../networks.ts'
import { write } from '../operation.ts'
import { networkTopic } from '../reconcilers/network.ts'
import { tagOwner } from '../tables/tags.ts'

/** Makes a VPC with its router and system route table; it is `Available` at once. */
export const CreateVpc = write(contract.CreateVpc, {
  permission: 'vpc:CreateVpc',
  places: (_request, regionId) => regionId,
  resources: () => ['vpc/*'],
  idempotentBy: (request) => request.ClientToken,
  dryRunBy: (request) => request.DryRun,
  async run(ctx, request) {
    const { EnableIpv6, Ipv6CidrBlock, Ipv6CidrMask, Ipv6Isp, Ipv4IpamPoolId, Ipv4CidrMask, Ipv6IpamPoolId } = request
    refuseIpv6({ EnableIpv6, Ipv6CidrBlock, Ipv6CidrMask, Ipv6Isp })
    refuseIpam({ Ipv4IpamPoolId, Ipv6IpamPoolId, Ipv4CidrMask })
    const tags = tagsOf(request.Tag)
    const { vpc, routeTableId } = await createVpc(ctx.db, ctx, ctx.clock, {
      cidr: formatCidr(parseVpcCidr(request.CidrBlock || defaultVpcCidr)),
      userCidrs: parseUserCidrs(request.UserCidr),
      name: parseName(request.VpcName, errors['InvalidVpcName.Malformed']),
      description: parseDescription(request.Description, errors['InvalidVpcDiscription.Malformed']),
      isDefault: false,
      dnsHostnames: request.EnableDnsHostname ?? false,
      resourceGroupId: request.ResourceGroupId ?? '',
    })
    await setTags(ctx.db, tagOwner(ctx, 'vpc', 'vpc'), [vpc.vpc_id], tags)
    await ctx.wake(networkTopic)
    return {
      VpcId: vpc.vpc_id,
      VRouterId: vpc.vrouter_id,
      RouteTableId: routeTableId,
      ResourceGroupId: vpc.resource_group_id,
    }
  },
})
