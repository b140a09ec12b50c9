/**
 * Pages of current objects. Without a delimiter it is one range of the primary key. With one, each step is one probe
 * of the key: after a common prefix it jumps to the first key that does not begin with it, so that a page costs the
 * same however many keys hide behind the prefixes.
 */
import type { StoredObject } from '../domain/stored-object.ts'
import type { Queryable } from './buckets.ts'
import { type ObjectRow, objectOf } from './objects.ts'

export interface ListQuery {
  prefix: string
  delimiter: string
  /** Entries come after this one. */
  after: string
  limit: number
}

export type ListEntry = { kind: 'object'; object: StoredObject } | { kind: 'prefix'; prefix: string }

/** The least text greater than all that begin with `text`, in the order of code points; undefined when there is none. */
export function successorOf(text: string): string | undefined {
  const points = [...text].map((character) => character.codePointAt(0)!)
  while (points.length > 0) {
    const last = points.pop()!
    if (last >= 0x10_ffff) continue
    // What lies between are halves of pairs, which no text holds.
    const next = last === 0xd7ff ? 0xe000 : last + 1
    return String.fromCodePoint(...points, next)
  }
  return undefined
}

/** Keys hold at most 1023 bytes, so no key that begins with a text comes after the text with this appended. */
const beyondKeys = '\u{10FFFF}'.repeat(256)

/** A text greater than all keys that begin with `prefix`, and not greater than any other key after them. */
export function endOfPrefix(prefix: string): string {
  return successorOf(prefix) ?? `${prefix}${beyondKeys}`
}

/** In the order of keys, which is that of their bytes. */
export function isBefore(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0
}

/** The first key that can follow `after`. NUL is in no key, so the next character is the least that can be added. */
export function firstKeyAfter({ prefix, delimiter, after }: ListQuery): string {
  if (after === '' || isBefore(after, prefix)) return prefix
  if (delimiter !== '' && after.startsWith(prefix)) {
    const at = after.indexOf(delimiter, prefix.length)
    // Its common prefix was on an earlier page.
    if (at !== -1) return endOfPrefix(after.slice(0, at + delimiter.length))
  }
  return `${after}\u0001`
}

export async function listObjects(db: Queryable, bucketId: number, query: ListQuery): Promise<ListEntry[]> {
  const from = firstKeyAfter(query)
  const end = query.prefix === '' ? null : (successorOf(query.prefix) ?? null)
  if (query.delimiter === '') {
    const { rows } = await db.query<ObjectRow>({
      name: 'oss.list-objects',
      text: `select * from oss.objects where bucket_id = $1 and key >= $2 and ($3::text is null or key < $3)
             order by key limit $4`,
      values: [bucketId, from, end, query.limit],
    })
    return rows.map((row) => ({ kind: 'object', object: objectOf(row) }))
  }
  const { rows } = await db.query<ObjectRow & { common: string | null }>({
    name: 'oss.list-delimited',
    text: delimitedSql,
    values: [bucketId, from, end, query.limit, [...query.prefix].length, query.delimiter, endOfPrefix(query.delimiter)],
  })
  return rows.map((row) =>
    row.common === null ? { kind: 'object', object: objectOf(row) } : { kind: 'prefix', prefix: row.common },
  )
}

const delimitedSql = `
  with recursive page as (
    select 1 as n, first.key,
      case when position($6 in substr(first.key, $5 + 1)) > 0
        then left(first.key, $5 + position($6 in substr(first.key, $5 + 1)) - 1 + length($6)) end as common
    from (
      select key from oss.objects where bucket_id = $1 and key >= $2 and ($3::text is null or key < $3)
      order by key limit 1
    ) first
    union all
    select page.n + 1, next.key,
      case when position($6 in substr(next.key, $5 + 1)) > 0
        then left(next.key, $5 + position($6 in substr(next.key, $5 + 1)) - 1 + length($6)) end
    from page, lateral (
      select o.key from oss.objects o
      where o.bucket_id = $1 and ($3::text is null or o.key < $3)
        and o.key >= case when page.common is null then page.key || chr(1)
          else left(page.common, length(page.common) - length($6)) || $7 end
      order by o.key limit 1
    ) next
    where page.n < $4
  )
  select page.common, o.* from page
  left join oss.objects o on page.common is null and o.bucket_id = $1 and o.key = page.key
  order by page.n`
