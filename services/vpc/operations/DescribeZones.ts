import * as contract from '@pileus/contract/generated/vpc'
import { zoneName } from '@pileus/world/regions'
import { read } from '../operation.ts'

/** Lists the zones of the region. */
export const DescribeZones = read(contract.DescribeZones, {
  permission: 'vpc:DescribeZones',
  places: 'nowhere',
  resources: () => ['*'],
  async run(ctx, request) {
    const language = request.AcceptLanguage || ctx.language
    return {
      Zones: {
        Zone: ctx.hosted.get(ctx.regionId).zones.map((zone) => ({
          ZoneId: zone.id,
          LocalName: zoneName(zone, language),
          ZoneType: 'AvailabilityZone',
        })),
      },
    }
  },
})
