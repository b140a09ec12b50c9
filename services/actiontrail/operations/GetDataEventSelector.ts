import * as contract from '@pileus/contract/generated/actiontrail'
import { trailArn } from '../domain/trail.ts'
import { getTrail } from '../get-trail.ts'
import { read, trailPart } from '../operation.ts'

/** Which calls on objects a trail has recorded; empty when none. */
export const GetDataEventSelector = read(contract.GetDataEventSelector, {
  permission: 'actiontrail:GetDataEventSelector',
  resources: (request) => [trailPart(request.TrailName)],
  places: 'nowhere',
  async run(ctx, request) {
    const trail = await getTrail(ctx, request.TrailName)
    return {
      TrailArn: trailArn(trail),
      DataEventSelectors: trail.dataEventSelectors ?? '',
      IsTrailAllRegion: trail.trailRegion === 'All',
    }
  },
})
