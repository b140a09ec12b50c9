import * as contract from '@pileus/contract/generated/actiontrail'
import { timeAnswer } from '../domain/trail.ts'
import { getTrail } from '../get-trail.ts'
import { read, trailPart } from '../operation.ts'
import { listSpans } from '../tables/spans.ts'

/** Whether a trail delivers, when it last did, and why it could not. */
export const GetTrailStatus = read(contract.GetTrailStatus, {
  permission: 'actiontrail:GetTrailStatus',
  resources: (request) => [trailPart(request.Name)],
  places: 'nowhere',
  async run(ctx, request) {
    const trail = await getTrail(ctx, request.Name)
    const spans = await listSpans(ctx.db, {
      accountId: trail.accountId,
      homeRegionId: trail.homeRegionId,
      name: trail.name,
    })
    const bucket = await ctx.destinations.findBucket(trail.bucket)
    return {
      IsLogging: trail.isLogging,
      LatestDeliveryError: spans.find((span) => span.error !== undefined)?.error ?? '',
      LatestDeliveryTime: timeAnswer(trail.deliveredAt),
      LatestDeliveryLogServiceError: '',
      LatestDeliveryLogServiceTime: '',
      OssBucketStatus: bucket?.accountId === trail.accountId,
      SlsLogStoreStatus: false,
      StartLoggingTime: timeAnswer(trail.startedAt),
      StopLoggingTime: timeAnswer(trail.stoppedAt),
    }
  },
})
