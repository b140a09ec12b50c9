import * as contract from '@pileus/contract/generated/vpc'
import { apiError } from '@pileus/kernel/errors'
import { newResourceId } from '@pileus/kernel/ids'
import { say } from '@pileus/kernel/messages/text'
import { setTags } from '@pileus/kernel/tags'
import { parseDescription, parseName } from '../domain/names.ts'
import { quotas } from '../domain/quotas.ts'
import { tagsOf } from '../domain/tags.ts'
import { errors } from '../errors.ts'
import { write } from '../operation.ts'
import { networkTopic } from '../reconcilers/network.ts'
import { countCustomRouteTables, insertRouteTable } from '../tables/route-tables.ts'
import { tagOwner } from '../tables/tags.ts'
import { findVpcLocked } from '../tables/vpcs.ts'

/** Makes a custom route table, which vswitches of the VPC may follow. */
export const CreateRouteTable = write(contract.CreateRouteTable, {
  permission: 'vpc:CreateRouteTable',
  places: (_request, regionId) => regionId,
  resources: (request) => [`vpc/${request.VpcId}`, 'routetable/*'],
  idempotentBy: (request) => request.ClientToken,
  async run(ctx, request) {
    if (request.AssociateType && request.AssociateType !== 'VSwitch') {
      throw apiError(errors.InvalidParameter, {
        parameter: 'AssociateType',
        reason: say`this cloud has route tables for vSwitches (VSwitch) only.`,
      })
    }
    const vpcId = request.VpcId
    const tags = tagsOf(request.Tag)
    if (!(await findVpcLocked(ctx.db, ctx, vpcId, 'shape'))) {
      throw apiError(errors['InvalidVpcId.NotFound'], { vpcId })
    }
    if ((await countCustomRouteTables(ctx.db, vpcId)) >= quotas.customRouteTablesPerVpc) {
      throw apiError(errors['QuotaExceeded.RouteTable'], { limit: quotas.customRouteTablesPerVpc })
    }
    const RouteTableId = newResourceId('vtb')
    await insertRouteTable(ctx.db, {
      route_table_id: RouteTableId,
      account_id: ctx.accountId,
      region_id: ctx.regionId,
      created_at: ctx.clock.now(),
      vpc_id: vpcId,
      is_system: false,
      name: parseName(request.RouteTableName, errors['InvalidRouteTableName.Malformed']),
      description: parseDescription(request.Description, errors['InvalidDescription.Malformed']),
      propagates: true,
    })
    await setTags(ctx.db, tagOwner(ctx, 'vpc', 'routetable'), [RouteTableId], tags)
    await ctx.wake(networkTopic)
    return { RouteTableId }
  },
})
