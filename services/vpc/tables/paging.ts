import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import type { Page } from '@pileus/kernel/pagination'
import type { PageOf } from '../port.ts'

/** A numbered page; the first is 1. */
export interface PageNumber {
  pageNumber: number
  pageSize: number
}

export function offsetOf(page: PageNumber): number {
  return (page.pageNumber - 1) * page.pageSize
}

/** Key of an item in lists ordered by creation time and id. */
export function creationKey(createdAt: Date, id: string): string {
  return `${createdAt.toISOString()} ${id}`
}

/** The two parts of a key that a token held. @throws InvalidParameter when it is none */
export function getCreationKey(key: string): { createdAt: Date; id: string } {
  const [time = '', id = ''] = key.split(' ')
  const createdAt = new Date(time)
  if (!Number.isNaN(createdAt.getTime()) && id !== '') return { createdAt, id }
  throw apiError(commonErrors.InvalidParameter, {
    parameter: 'NextToken',
    reason: say`it is not a token of this list.`,
  })
}

/** A token page that also asks for the item behind it, which tells whether there is a next page. */
export function withOneMore(page: Page): Page {
  return page.kind === 'token' ? { ...page, limit: page.limit + 1 } : page
}

/** What was read for `withOneMore(page)`, as the page itself. */
export function pageOf<Item>(
  items: readonly Item[],
  total: number,
  page: Page,
  keyOf: (item: Item) => string,
): PageOf<Item> {
  if (page.kind === 'number') return { items: [...items], total, nextKey: undefined }
  const shown = items.slice(0, page.limit)
  const last = shown.at(-1)
  return { items: shown, total, nextKey: items.length > page.limit && last ? keyOf(last) : undefined }
}
