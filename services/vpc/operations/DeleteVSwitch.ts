import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { removeTags } from '@pileus/kernel/tags'
import { errors } from '../errors.ts'
import { write } from '../operation.ts'
import { networkTopic } from '../reconcilers/network.ts'
import { listNics } from '../tables/nics.ts'
import { tagOwner } from '../tables/tags.ts'
import { deleteVSwitch, findVSwitch, findVSwitchLocked } from '../tables/vswitches.ts'

/** Deletes a vswitch without network interfaces that follows its VPC's system route table. */
export const DeleteVSwitch = write(contract.DeleteVSwitch, {
  permission: 'vpc:DeleteVSwitch',
  places: 'nowhere',
  resources: (request) => [`vswitch/${request.VSwitchId}`],
  dryRunBy: (request) => request.DryRun,
  async run(ctx, request) {
    const vswitchId = request.VSwitchId
    const isThere = await findVSwitchLocked(ctx.db, ctx, vswitchId, 'delete')
    const vswitch = isThere && (await findVSwitch(ctx.db, ctx, vswitchId))
    if (!vswitch) throw apiError(errors['InvalidVSwitchId.NotFound'], { vswitchId })
    const { nics } = await listNics(ctx.db, ctx, { vswitchId }, { kind: 'number', pageNumber: 1, pageSize: 5 })
    if (nics.length > 0) {
      const dependants = nics.map((nic) => nic.instanceId ?? nic.nicId).join(', ')
      throw apiError(errors.DependencyViolation, { resource: vswitchId, dependants })
    }
    if (!vswitch.follows_system_table) {
      throw apiError(errors['DependencyViolation.RouteTable'], {
        resource: vswitchId,
        dependants: vswitch.route_table_id,
      })
    }
    await deleteVSwitch(ctx.db, vswitchId)
    await removeTags(ctx.db, tagOwner(ctx, 'vpc', 'vswitch'), [vswitchId], 'all')
    await ctx.wake(networkTopic)
    return {}
  },
})
