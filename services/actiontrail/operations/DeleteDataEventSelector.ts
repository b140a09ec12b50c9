import * as contract from '@pileus/contract/generated/actiontrail'
import { apiError } from '@pileus/kernel/errors'
import { errors } from '../errors.ts'
import { getLockedTrail } from '../get-trail.ts'
import { trailPart, write } from '../operation.ts'
import { trailsChanged } from '../reconcilers/delivery.ts'
import { setDataEventSelectors } from '../tables/trails.ts'

/** Has calls on objects no longer recorded for this trail. */
export const DeleteDataEventSelector = write(contract.DeleteDataEventSelector, {
  permission: 'actiontrail:DeleteDataEventSelector',
  resources: (request) => [trailPart(request.TrailName)],
  places: 'nowhere',
  async run(ctx, request) {
    const trail = await getLockedTrail(ctx, request.TrailName)
    if (!trail.dataEventSelectors) throw apiError(errors.DataEventSelectorNotFound, { name: trail.name })
    await setDataEventSelectors(ctx.db, trail, null)
    await ctx.wake(trailsChanged)
    return {}
  },
})
