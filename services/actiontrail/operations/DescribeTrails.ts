import * as contract from '@pileus/contract/generated/actiontrail'
import { settingsAnswer, type Trail, timeAnswer, trailArn } from '../domain/trail.ts'
import { read } from '../operation.ts'
import { listTrails } from '../tables/trails.ts'

/** The account's trails of the region, or those of them that `NameList` names. Trails have no shadows in other regions. */
export const DescribeTrails = read(contract.DescribeTrails, {
  permission: 'actiontrail:DescribeTrails',
  places: 'nowhere',
  async run(ctx, request) {
    const names = request.NameList ? request.NameList.split(',').map((name) => name.trim()) : undefined
    const trails = await listTrails(ctx.db, { accountId: ctx.accountId, homeRegionId: ctx.regionId })
    const wanted = trails.filter((trail) => names === undefined || names.includes(trail.name))
    const buckets = await Promise.all(wanted.map((trail) => ctx.destinations.findBucket(trail.bucket)))
    return {
      TrailList: wanted.map((trail, index) => ({
        ...settingsAnswer(trail),
        Region: trail.homeRegionId,
        Status: statusOf(trail),
        TrailArn: trailArn(trail),
        IsOrganizationTrail: false,
        OssBucketLocation: buckets[index] ? `oss-${buckets[index].regionId}` : '',
        CreateTime: timeAnswer(trail.createdAt),
        UpdateTime: timeAnswer(trail.updatedAt),
        StartLoggingTime: timeAnswer(trail.startedAt),
        StopLoggingTime: timeAnswer(trail.stoppedAt),
      })),
    }
  },
})

function statusOf(trail: Trail): string {
  if (trail.isLogging) return 'Enable'
  return trail.startedAt ? 'Disable' : 'Fresh'
}
