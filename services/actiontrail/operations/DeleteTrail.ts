import * as contract from '@pileus/contract/generated/actiontrail'
import { getLockedTrail } from '../get-trail.ts'
import { trailPart, write } from '../operation.ts'
import { trailsChanged } from '../reconcilers/delivery.ts'
import { deleteTrail } from '../tables/trails.ts'

/** Deletes a trail; what it delivered stays. */
export const DeleteTrail = write(contract.DeleteTrail, {
  permission: 'actiontrail:DeleteTrail',
  resources: (request) => [trailPart(request.Name)],
  places: 'nowhere',
  async run(ctx, request) {
    await deleteTrail(ctx.db, await getLockedTrail(ctx, request.Name))
    await ctx.wake(trailsChanged)
    return {}
  },
})
