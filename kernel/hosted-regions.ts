import { findRegion, type Region, type Zone } from '@pileus/world/regions'
import { apiError, commonErrors } from './errors.ts'

/** The regions that this installation serves: a subset of the world's. */
export interface HostedRegions {
  readonly regions: readonly Region[]
  /** Region of calls that name none. */
  readonly defaultRegionId: string
  has(regionId: string): boolean
  /** @throws InvalidRegionId.NotFound */
  get(regionId: string): Region
  /** The zone of `regionId` with this id, or undefined. */
  findZone(regionId: string, zoneId: string): Zone | undefined
}

/** @throws Error naming the first id that is no region. */
export function hostRegions(regionIds: readonly string[]): HostedRegions {
  const regions = regionIds.map((id) => {
    const region = findRegion(id)
    if (!region) throw new Error(`there is no region "${id}"`)
    return region
  })
  const byId = new Map(regions.map((region) => [region.id, region]))
  const [first] = regions
  if (!first) throw new Error('an installation serves at least one region')
  return {
    regions,
    defaultRegionId: byId.has('cn-hangzhou') ? 'cn-hangzhou' : first.id,
    has: (regionId) => byId.has(regionId),
    get(regionId) {
      const region = byId.get(regionId)
      if (region) return region
      throw apiError(commonErrors['InvalidRegionId.NotFound'], { regionId, served: [...byId.keys()].join(', ') })
    },
    findZone: (regionId, zoneId) => byId.get(regionId)?.zones.find((zone) => zone.id === zoneId),
  }
}
