import * as contract from '@pileus/contract/generated/ecs'
import { availableResources } from '../domain/available-resources.ts'
import { read } from '../operation.ts'
import { listZoneRoom, seenSince } from '../tables/hosts.ts'

/** What can be had in each zone now: types are in stock where some host has room for one. */
export const DescribeAvailableResource = read(contract.DescribeAvailableResource, {
  permission: 'ecs:DescribeAvailableResource',
  places: 'nowhere',
  async run(ctx, request) {
    const rooms = await listZoneRoom(ctx.db, ctx.regionId, seenSince(ctx.clock.now()))
    const zones = ctx.hosted.get(ctx.regionId).zones
    return { AvailableZones: { AvailableZone: availableResources(request, ctx.regionId, zones, rooms) } }
  },
})
