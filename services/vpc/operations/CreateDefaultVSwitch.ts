import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { implicitVSwitchPrefixLength } from '../domain/addressing.ts'
import { refuseIpv6 } from '../domain/unoffered.ts'
import { errors } from '../errors.ts'
import { createVSwitch } from '../networks.ts'
import { write } from '../operation.ts'
import { networkTopic } from '../reconcilers/network.ts'
import { findDefaultVpc } from '../tables/vpcs.ts'
import { findDefaultVSwitch, lockDefaults } from '../tables/vswitches.ts'

/** Makes the zone's default vswitch in the default VPC, once. */
export const CreateDefaultVSwitch = write(contract.CreateDefaultVSwitch, {
  permission: 'vpc:CreateDefaultVSwitch',
  places: (_request, regionId) => regionId,
  resources: () => ['vswitch/*'],
  idempotentBy: (request) => request.ClientToken,
  async run(ctx, request) {
    refuseIpv6({ Ipv6CidrBlock: request.Ipv6CidrBlock })
    const zoneId = request.ZoneId
    await lockDefaults(ctx.db, ctx)
    const vpc = await findDefaultVpc(ctx.db, ctx)
    if (!vpc) throw apiError(errors['InvalidDefaultVpc.NotFound'])
    const existing = await findDefaultVSwitch(ctx.db, ctx, zoneId)
    if (existing) {
      throw apiError(errors['OperationDenied.DefaultVSwitchExist'], { zoneId, vswitchId: existing.vswitch_id })
    }
    const { vswitchId } = await createVSwitch(ctx.db, ctx, ctx.clock, ctx.hosted, {
      vpcId: vpc.vpc_id,
      zoneId,
      cidr: { prefixLength: implicitVSwitchPrefixLength },
      name: '',
      description: '',
      isDefault: true,
    })
    await ctx.wake(networkTopic)
    return { VSwitchId: vswitchId }
  },
})
