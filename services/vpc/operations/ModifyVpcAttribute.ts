import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { parseSecondaryCidr } from '../domain/addressing.ts'
import { contains, formatCidr, getCidr } from '../domain/cidr.ts'
import { parseDescription, parseName } from '../domain/names.ts'
import { refuseIpv6 } from '../domain/unoffered.ts'
import { errors } from '../errors.ts'
import { write } from '../operation.ts'
import { networkTopic } from '../reconcilers/network.ts'
import { findVpcLocked, updateVpc, type Vpc } from '../tables/vpcs.ts'
import { listVSwitchesOfVpcs } from '../tables/vswitches.ts'

/** Changes name, description, DNS host names, and the first block as long as every vswitch still lies in a block. */
export const ModifyVpcAttribute = write(contract.ModifyVpcAttribute, {
  permission: 'vpc:ModifyVpcAttribute',
  places: 'nowhere',
  resources: (request) => [`vpc/${request.VpcId}`],
  async run(ctx, request) {
    refuseIpv6({ EnableIPv6: request.EnableIPv6, Ipv6CidrBlock: request.Ipv6CidrBlock, Ipv6Isp: request.Ipv6Isp })
    const vpc = await findVpcLocked(ctx.db, ctx, request.VpcId, 'shape')
    if (!vpc) throw apiError(errors['InvalidVpcId.NotFound'], { vpcId: request.VpcId })
    const vswitches = request.CidrBlock ? await listVSwitchesOfVpcs(ctx.db, [vpc.vpc_id]) : []
    await updateVpc(ctx.db, vpc.vpc_id, {
      ...(request.VpcName !== undefined && {
        name: parseName(request.VpcName, errors['InvalidVpcName.Malformed']),
      }),
      ...(request.Description !== undefined && {
        description: parseDescription(request.Description, errors['InvalidVpcDiscription.Malformed']),
      }),
      ...(request.EnableDnsHostname !== undefined && { dns_hostnames: request.EnableDnsHostname }),
      ...(request.CidrBlock && { cidr: movedBlock(vpc, request.CidrBlock, vswitches) }),
    })
    await ctx.wake(networkTopic)
    return {}
  },
})

function movedBlock(vpc: Vpc, text: string, vswitches: readonly { vswitch_id: string; cidr: string }[]): string {
  const cidr = parseSecondaryCidr(text, vpc.secondary_cidrs)
  const blocks = [cidr, ...vpc.secondary_cidrs.map(getCidr)]
  const outside = vswitches.find((vswitch) => !blocks.some((block) => contains(block, getCidr(vswitch.cidr))))
  if (outside) {
    throw apiError(errors.InvalidParameter, {
      parameter: 'CidrBlock',
      reason: say`the vSwitch ${outside.vswitch_id} (${outside.cidr}) would lie outside of the VPC.`,
    })
  }
  return formatCidr(cidr)
}
