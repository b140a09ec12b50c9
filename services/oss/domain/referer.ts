/**
 * Which pages may link to a bucket's objects. Only requests that are their URL alone are judged, since others prove
 * who they are. `*` stands for any characters, `?` for one.
 */
import { say } from '@pileus/kernel/messages/text'
import type { XmlElement } from '@pileus/kernel/object-protocol'
import { allowOnly, malformedXml, textsOf } from './xml.ts'
import { findFlag, findOnly, getFlag, getOnly } from './xml-values.ts'

export interface Referer {
  allowEmpty: boolean
  /** Compares without the query string, so that `?` and what follows may be anything. */
  truncateQuery: boolean
  /** Compares without path and query. */
  truncatePath: boolean
  allowed: string[]
  denied: string[]
}

/** Largest list, in bytes. */
const maxListBytes = 20 * 1024

/** @throws MalformedXML */
export function readReferer(root: XmlElement): Referer {
  allowOnly(root, 'AllowEmptyReferer', 'AllowTruncateQueryString', 'TruncatePath', 'RefererList', 'RefererBlacklist')
  return {
    allowEmpty: getFlag(root, 'AllowEmptyReferer'),
    truncateQuery: findFlag(root, 'AllowTruncateQueryString') ?? true,
    truncatePath: findFlag(root, 'TruncatePath') ?? false,
    allowed: readList(getOnly(root, 'RefererList')),
    denied: readList(findOnly(root, 'RefererBlacklist')),
  }
}

function readList(list: XmlElement | undefined): string[] {
  if (!list) return []
  allowOnly(list, 'Referer')
  const patterns = textsOf(list, 'Referer').filter((pattern) => pattern !== '')
  if (Buffer.byteLength(patterns.join('')) > maxListBytes) {
    throw malformedXml(say`${list.name} may have ${maxListBytes} bytes.`)
  }
  return patterns
}

export function describeReferer(referer: Referer | undefined): object {
  return {
    AllowEmptyReferer: referer?.allowEmpty ?? true,
    AllowTruncateQueryString: referer?.truncateQuery ?? true,
    TruncatePath: referer?.truncatePath ?? false,
    RefererList: { Referer: referer?.allowed ?? [] },
    ...(referer && referer.denied.length > 0 ? { RefererBlacklist: { Referer: referer.denied } } : {}),
  }
}

/** Whether a request that comes from `referer` may go on. */
export function allowsReferer(rules: Referer, referer: string | undefined): boolean {
  if (referer === undefined || referer === '') {
    // Without a list there is nothing to be protected from.
    return rules.allowEmpty || (rules.allowed.length === 0 && rules.denied.length === 0)
  }
  const seen = truncate(rules, referer)
  if (rules.denied.some((pattern) => matches(pattern, seen))) return false
  return rules.allowed.length === 0 || rules.allowed.some((pattern) => matches(pattern, seen))
}

function truncate({ truncateQuery, truncatePath }: Referer, referer: string): string {
  const withoutQuery = truncateQuery || truncatePath ? referer.replace(/[?#].*$/s, '') : referer
  return truncatePath ? withoutQuery.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/]*).*$/is, '$1') : withoutQuery
}

/** A pattern may leave a final slash out. */
function matches(pattern: string, text: string): boolean {
  return matchesGlob(pattern, text) || (text.endsWith('/') && matchesGlob(pattern, text.slice(0, -1)))
}

/**
 * `*` stands for any characters, `?` for one. After the last star only one way is open, so that time grows with the
 * product of the lengths at most: patterns come from customers, and a regular expression of them may never end.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let p = 0
  let t = 0
  let star = -1
  let resume = 0
  while (t < text.length) {
    if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t]) && pattern[p] !== '*') {
      p += 1
      t += 1
    } else if (pattern[p] === '*') {
      star = p
      resume = t
      p += 1
    } else if (star !== -1) {
      p = star + 1
      resume += 1
      t = resume
    } else return false
  }
  while (pattern[p] === '*') p += 1
  return p === pattern.length
}
