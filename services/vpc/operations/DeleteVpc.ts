import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { removeTags } from '@pileus/kernel/tags'
import { errors } from '../errors.ts'
import { write } from '../operation.ts'
import { networkTopic } from '../reconcilers/network.ts'
import { deleteRouteTables, listRouteTableIds } from '../tables/route-tables.ts'
import { listSecurityGroupIdsOfVpc } from '../tables/security-groups.ts'
import { tagOwner } from '../tables/tags.ts'
import { deleteVpc, findVpcLocked } from '../tables/vpcs.ts'
import { listVSwitchesOfVpcs } from '../tables/vswitches.ts'

/** Deletes an empty VPC with its router and system route table. `ForceDelete` does not reach into other products. */
export const DeleteVpc = write(contract.DeleteVpc, {
  permission: 'vpc:DeleteVpc',
  places: 'nowhere',
  resources: (request) => [`vpc/${request.VpcId}`],
  idempotentBy: (request) => request.ClientToken,
  dryRunBy: (request) => request.DryRun,
  async run(ctx, request) {
    const vpcId = request.VpcId
    const vpc = await findVpcLocked(ctx.db, ctx, vpcId, 'delete')
    if (!vpc) throw apiError(errors['InvalidVpcId.NotFound'], { vpcId })
    const vswitches = await listVSwitchesOfVpcs(ctx.db, [vpcId])
    if (vswitches.length > 0) {
      throw apiError(errors['DependencyViolation.VSwitch'], {
        resource: vpcId,
        dependants: firstOf(vswitches.map((vswitch) => vswitch.vswitch_id)),
      })
    }
    const groups = await listSecurityGroupIdsOfVpc(ctx.db, vpcId)
    if (groups.length > 0) {
      throw apiError(errors['DependencyViolation.SecurityGroup'], { resource: vpcId, dependants: firstOf(groups) })
    }
    const tables = await listRouteTableIds(ctx.db, [vpcId])
    const custom = tables.filter((table) => !table.is_system).map((table) => table.route_table_id)
    if (custom.length > 0) {
      throw apiError(errors['DependencyViolation.RouteTable'], { resource: vpcId, dependants: firstOf(custom) })
    }
    const tableIds = tables.map((table) => table.route_table_id)
    await deleteRouteTables(ctx.db, tableIds)
    await deleteVpc(ctx.db, vpcId)
    await removeTags(ctx.db, tagOwner(ctx, 'vpc', 'routetable'), tableIds, 'all')
    await removeTags(ctx.db, tagOwner(ctx, 'vpc', 'vpc'), [vpcId], 'all')
    await ctx.wake(networkTopic)
    return {}
  },
})

function firstOf(ids: readonly string[]): string {
  return ids.slice(0, 5).join(', ')
}
