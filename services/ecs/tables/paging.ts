/** Lists in the order of creation, newest first; ids decide between equals. */

import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { encodeToken, type Page } from '@pileus/kernel/pagination'
import { type RawBuilder, sql } from 'kysely'

export interface Listed<Row> {
  rows: Row[]
  /** Of all pages; a negative number where it was not asked for. */
  totalCount: number
  /** Empty after the last page. */
  nextToken: string
}

/** What follows the position of a token, in a table with `created_at` and an id column. */
export function afterToken(after: string, idColumn = 'id'): RawBuilder<boolean> {
  const [at = '', id = ''] = after.split('|')
  if (Number.isNaN(Date.parse(at))) {
    throw apiError(commonErrors.InvalidParameter, {
      parameter: 'NextToken',
      reason: say`it is not a token of this API.`,
    })
  }
  return sql<boolean>`(created_at, ${sql.ref(idColumn)}) < (${new Date(at)}, ${id})`
}

interface Query<Row> {
  where(condition: RawBuilder<boolean>): Query<Row>
  orderBy(column: RawBuilder<unknown>, direction: 'desc'): Query<Row>
  limit(count: number): Query<Row>
  offset(count: number): Query<Row>
  execute(): Promise<Row[]>
}

/** Runs a query for one page. Its rows have `created_at`, and an id in `idColumn`. */
export async function listPage<Row extends { created_at: Date }>(
  query: unknown,
  page: Page,
  count: () => Promise<number>,
  idColumn: keyof Row & string = 'id' as keyof Row & string,
): Promise<Listed<Row>> {
  let wanted = (query as Query<Row>).orderBy(sql`created_at`, 'desc').orderBy(sql.ref(idColumn), 'desc')
  if (page.kind === 'number') {
    const [rows, totalCount] = await Promise.all([
      wanted
        .limit(page.pageSize)
        .offset((page.pageNumber - 1) * page.pageSize)
        .execute(),
      count(),
    ])
    return { rows, totalCount, nextToken: '' }
  }
  if (page.after !== undefined) wanted = wanted.where(afterToken(page.after, idColumn))
  const [rows, totalCount] = await Promise.all([wanted.limit(page.limit + 1).execute(), count()])
  const more = rows.length > page.limit
  const shown = more ? rows.slice(0, page.limit) : rows
  const last = shown.at(-1)
  const nextToken = more && last ? encodeToken(`${last.created_at.toISOString()}|${String(last[idColumn])}`) : ''
  return { rows: shown, totalCount, nextToken }
}

/** The paging fields of an answer. */
export function pageFields(page: Page, listed: Pick<Listed<unknown>, 'totalCount' | 'nextToken'>) {
  return page.kind === 'number'
    ? { TotalCount: listed.totalCount, PageNumber: page.pageNumber, PageSize: page.pageSize }
    : { TotalCount: listed.totalCount, PageSize: page.limit, NextToken: listed.nextToken }
}
