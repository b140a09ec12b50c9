import * as contract from '@pileus/contract/generated/actiontrail'
import { checkBucket } from '../bucket-check.ts'
import { askToPass, parseSettings, regionsOf, settingsAnswer } from '../domain/trail.ts'
import { getLockedTrail, getTrail } from '../get-trail.ts'
import { trailPart, write } from '../operation.ts'
import { trailsChanged } from '../reconcilers/delivery.ts'
import { closeSpans, openSpans } from '../tables/spans.ts'
import { updateTrail } from '../tables/trails.ts'

/** Changes what a trail delivers, and where. */
export const UpdateTrail = write(contract.UpdateTrail, {
  permission: 'actiontrail:UpdateTrail',
  resources: (request) => [trailPart(request.Name)],
  alsoAsks: (request, accountId) => askToPass(request.OssWriteRoleArn, accountId),
  places: 'nowhere',
  async run(ctx, request) {
    // Events of before this call are delivered as the trail was.
    await ctx.sequencer.placeWaiting()
    const trail = await getLockedTrail(ctx, request.Name)
    const settings = parseSettings(request, trail, ctx.hosted)
    if (settings.bucket !== trail.bucket) await checkBucket(ctx, settings.bucket)
    await updateTrail(ctx.db, trail, settings, ctx.clock.now())
    if (trail.isLogging) {
      const regionIds = regionsOf(settings, ctx.hosted)
      await closeSpans(ctx.db, trail, regionIds)
      await openSpans(ctx.db, trail, regionIds)
    }
    await ctx.wake(trailsChanged)
    return settingsAnswer(await getTrail(ctx, request.Name))
  },
})
