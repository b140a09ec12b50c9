import * as contract from '@pileus/contract/generated/actiontrail'
import { getLockedTrail } from '../get-trail.ts'
import { trailPart, write } from '../operation.ts'
import { trailsChanged } from '../reconcilers/delivery.ts'
import { closeSpans } from '../tables/spans.ts'
import { updateTrail } from '../tables/trails.ts'

/** Delivers no events from now on; those of before are delivered still. */
export const StopLogging = write(contract.StopLogging, {
  permission: 'actiontrail:StopLogging',
  resources: (request) => [trailPart(request.Name)],
  places: 'nowhere',
  async run(ctx, request) {
    // Events of before this call get their places before the span ends.
    await ctx.sequencer.placeWaiting()
    const trail = await getLockedTrail(ctx, request.Name)
    if (!trail.isLogging) return {}
    await closeSpans(ctx.db, trail, [])
    await updateTrail(ctx.db, trail, { isLogging: false, stoppedAt: ctx.clock.now() })
    await ctx.wake(trailsChanged)
    return {}
  },
})
