import * as contract from '@pileus/contract/generated/actiontrail'
import { apiError } from '@pileus/kernel/errors'
import { say, type Text } from '@pileus/kernel/messages/text'
import { trailArn } from '../domain/trail.ts'
import { errors } from '../errors.ts'
import { getLockedTrail } from '../get-trail.ts'
import { trailPart, write } from '../operation.ts'
import { trailsChanged } from '../reconcilers/delivery.ts'
import { setDataEventSelectors } from '../tables/trails.ts'

/** Longest selectors, in characters. */
const maxSelectorsLength = 8_192

/** Has calls on objects recorded as well while the trail is logging. */
export const PutDataEventSelector = write(contract.PutDataEventSelector, {
  permission: 'actiontrail:PutDataEventSelector',
  resources: (request) => [trailPart(request.TrailName)],
  places: 'nowhere',
  async run(ctx, request) {
    const trail = await getLockedTrail(ctx, request.TrailName)
    checkSelectors(request.EventSelectors)
    await setDataEventSelectors(ctx.db, trail, request.EventSelectors)
    await ctx.wake(trailsChanged)
    return { TrailArn: trailArn(trail), DataEventSelectors: request.EventSelectors }
  },
})

function checkSelectors(text: string): void {
  const refuse = (reason: Text) => apiError(errors.InvalidQueryParameter, { parameter: 'EventSelectors', reason })
  if (text.length > maxSelectorsLength) throw refuse(say`it may have ${maxSelectorsLength} characters.`)
  let selectors: unknown
  try {
    selectors = JSON.parse(text)
  } catch {
    throw refuse(say`it must be a JSON array.`)
  }
  if (!Array.isArray(selectors) || selectors.length === 0) throw refuse(say`it must be a JSON array of selectors.`)
  for (const selector of selectors) {
    const service = (selector as { ServiceName?: unknown } | null)?.ServiceName
    if (typeof service !== 'string' || service.toLowerCase() !== 'oss') {
      throw refuse(say`each selector must have "ServiceName": "Oss", the product of this cloud that has data events.`)
    }
  }
}
