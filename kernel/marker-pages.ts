/** Lists that page by `MaxItems` and `Marker`, in the order of creation. */

import { apiError, commonErrors } from './errors.ts'
import { say } from './messages/text.ts'

export interface MarkerPage {
  /** The last item of the page before. */
  after: { at: Date; id: string } | undefined
  limit: number
}

const limits = { defaultItems: 100, maxItems: 1_000 }

/** @throws InvalidParameter for a marker that no list gave, or a size out of range */
export function parseMarkerPage(request: { MaxItems?: number | undefined; Marker?: string | undefined }): MarkerPage {
  const limit = request.MaxItems ?? limits.defaultItems
  if (!Number.isInteger(limit) || limit < 1 || limit > limits.maxItems) {
    const reason = `it must be an integer from 1 to ${limits.maxItems}, and is ${limit}.`
    throw apiError(commonErrors.InvalidParameter, { parameter: 'MaxItems', reason })
  }
  if (request.Marker === undefined || request.Marker === '') return { after: undefined, limit }
  const [, ms, id] = /^(\d{1,15}):([^\0]{1,200})$/.exec(Buffer.from(request.Marker, 'base64url').toString()) ?? []
  if (ms === undefined || id === undefined) {
    throw apiError(commonErrors.InvalidParameter, { parameter: 'Marker', reason: say`it is not a marker of this API.` })
  }
  return { after: { at: new Date(Number(ms)), id }, limit }
}

/** The items of the page, given one more when there are more, and the fields that say how to go on. */
export function cutPage<Item>(
  items: readonly Item[],
  page: MarkerPage,
  keyOf: (item: Item) => { at: Date; id: string },
): { items: Item[]; paging: { IsTruncated: boolean; Marker?: string } } {
  const kept = items.slice(0, page.limit)
  const last = kept.at(-1)
  if (items.length <= page.limit || last === undefined) return { items: kept, paging: { IsTruncated: false } }
  const key = keyOf(last)
  const marker = Buffer.from(`${key.at.getTime()}:${key.id}`).toString('base64url')
  return { items: kept, paging: { IsTruncated: true, Marker: marker } }
}
