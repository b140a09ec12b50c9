import * as contract from '@pileus/contract/generated/actiontrail'
import { regionsOf } from '../domain/trail.ts'
import { getLockedTrail } from '../get-trail.ts'
import { trailPart, write } from '../operation.ts'
import { trailsChanged } from '../reconcilers/delivery.ts'
import { openSpans } from '../tables/spans.ts'
import { updateTrail } from '../tables/trails.ts'

/** Delivers events from now on. */
export const StartLogging = write(contract.StartLogging, {
  permission: 'actiontrail:StartLogging',
  resources: (request) => [trailPart(request.Name)],
  places: 'nowhere',
  async run(ctx, request) {
    // Events of before this call get their places before the span begins.
    await ctx.sequencer.placeWaiting()
    const trail = await getLockedTrail(ctx, request.Name)
    if (trail.isLogging) return {}
    await openSpans(ctx.db, trail, regionsOf(trail, ctx.hosted))
    await updateTrail(ctx.db, trail, { isLogging: true, startedAt: ctx.clock.now() })
    await ctx.wake(trailsChanged)
    return {}
  },
})
