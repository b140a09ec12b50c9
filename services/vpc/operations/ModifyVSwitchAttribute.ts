import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { parseDescription, parseName } from '../domain/names.ts'
import { refuseIpv6 } from '../domain/unoffered.ts'
import { errors } from '../errors.ts'
import { write } from '../operation.ts'
import { findVSwitchLocked, updateVSwitch } from '../tables/vswitches.ts'

/** Changes name and description; the block never changes. */
export const ModifyVSwitchAttribute = write(contract.ModifyVSwitchAttribute, {
  permission: 'vpc:ModifyVSwitchAttribute',
  places: 'nowhere',
  resources: (request) => [`vswitch/${request.VSwitchId}`],
  async run(ctx, request) {
    const { EnableIPv6, Ipv6CidrBlock, Ipv6CidrMask, VpcIpv6CidrBlock } = request
    refuseIpv6({ EnableIPv6, Ipv6CidrBlock, Ipv6CidrMask, VpcIpv6CidrBlock })
    const vswitch = await findVSwitchLocked(ctx.db, ctx, request.VSwitchId, 'allocate')
    if (!vswitch) throw apiError(errors['InvalidVSwitchId.NotFound'], { vswitchId: request.VSwitchId })
    await updateVSwitch(ctx.db, vswitch.vswitch_id, {
      ...(request.VSwitchName !== undefined && {
        name: parseName(request.VSwitchName, errors['InvalidVSwitchName.Malformed']),
      }),
      ...(request.Description !== undefined && {
        description: parseDescription(request.Description, errors['InvalidVSwitchDiscription.Malformed']),
      }),
    })
    return {}
  },
})
