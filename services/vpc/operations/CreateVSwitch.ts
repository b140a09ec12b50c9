import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { setTags } from '@pileus/kernel/tags'
import { parseDescription, parseName } from '../domain/names.ts'
import { tagsOf } from '../domain/tags.ts'
import { refuseIpv6 } from '../domain/unoffered.ts'
import { errors } from '../errors.ts'
import { createVSwitch } from '../networks.ts'
import { write } from '../operation.ts'
import { networkTopic } from '../reconcilers/network.ts'
import { tagOwner } from '../tables/tags.ts'

/** Makes a vswitch in a zone; its block lies in the VPC's and touches no other vswitch. */
export const CreateVSwitch = write(contract.CreateVSwitch, {
  permission: 'vpc:CreateVSwitch',
  places: (_request, regionId) => regionId,
  resources: (request) => [`vpc/${request.VpcId}`, 'vswitch/*'],
  idempotentBy: (request) => request.ClientToken,
  async run(ctx, request) {
    const { Ipv6CidrBlock, Ipv6CidrMask, VpcIpv6CidrBlock } = request
    refuseIpv6({ Ipv6CidrBlock, Ipv6CidrMask, VpcIpv6CidrBlock })
    const tags = tagsOf(request.Tag)
    const { vswitchId } = await createVSwitch(ctx.db, ctx, ctx.clock, ctx.hosted, {
      vpcId: request.VpcId,
      zoneId: request.ZoneId,
      cidr: parseSize(request),
      name: parseName(request.VSwitchName, errors['InvalidVSwitchName.Malformed']),
      description: parseDescription(request.Description, errors['InvalidVSwitchDiscription.Malformed']),
      isDefault: false,
    })
    await setTags(ctx.db, tagOwner(ctx, 'vpc', 'vswitch'), [vswitchId], tags)
    await ctx.wake(networkTopic)
    return { VSwitchId: vswitchId }
  },
})

function parseSize(request: { CidrBlock?: string | undefined; CidrMask?: number | undefined }) {
  if (request.CidrBlock) return request.CidrBlock
  const prefixLength = request.CidrMask
  if (prefixLength === undefined) throw apiError(errors.MissingParameter, { parameter: 'CidrBlock' })
  if (prefixLength < 16 || prefixLength > 29) {
    throw apiError(errors['InvalidCirdrBlock.MaskLength'], { cidr: `/${prefixLength}` })
  }
  return { prefixLength }
}
