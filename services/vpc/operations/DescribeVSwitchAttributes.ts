import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { listTags } from '@pileus/kernel/tags'
import { refuseDryRun } from '../domain/dry-run.ts'
import { describeVSwitch } from '../domain/vswitch-description.ts'
import { errors } from '../errors.ts'
import { read } from '../operation.ts'
import { tagOwner } from '../tables/tags.ts'
import { findVSwitch } from '../tables/vswitches.ts'

/** Describes one vswitch. */
export const DescribeVSwitchAttributes = read(contract.DescribeVSwitchAttributes, {
  permission: 'vpc:DescribeVSwitchAttributes',
  places: 'nowhere',
  resources: (request) => [`vswitch/${request.VSwitchId}`],
  async run(ctx, request) {
    refuseDryRun(request.DryRun)
    const vswitch = await findVSwitch(ctx.db, ctx, request.VSwitchId)
    if (!vswitch) throw apiError(errors['InvalidVSwitchId.NotFound'], { vswitchId: request.VSwitchId })
    const tags = await listTags(ctx.db, tagOwner(ctx, 'vpc', 'vswitch'), [vswitch.vswitch_id])
    return describeVSwitch(vswitch, vswitch.resource_group_id, tags.get(vswitch.vswitch_id) ?? [])
  },
})
