import { apiError } from '@pileus/kernel/errors'
import { gatewayErrors } from '../errors.ts'

const unreserved = /^[A-Za-z0-9\-_.~]*$/

/** RFC 3986 percent-encoding as signatures use it: all but `A-Z a-z 0-9 - _ . ~`, upper-case hex. */
export function percentEncode(text: string): string {
  if (unreserved.test(text)) return text
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** Most parameters of one request, query and form together. */
export const maxParameters = 5_000

/**
 * Adds the pairs of a query string or form to `into`; `+` is a space, as in both Go's and browsers' encoders.
 * @throws InvalidParameter.Duplicate, since a name given twice means one thing to us and another to the signer;
 *   InvalidParameter.Encoding, also for NUL, which no parameter holds and no database stores; InvalidParameter.Count
 */
export function parsePairs(text: string, into: Map<string, string>, part: string): void {
  if (text === '') return
  if (text.includes('\0') || text.includes('%00')) throw apiError(gatewayErrors['InvalidParameter.Encoding'], { part })
  let at = 0
  // Empty pairs count too: a body of `&` alone must not keep the server busy.
  for (let pairs = 0; at <= text.length; pairs += 1) {
    if (pairs > maxParameters) throw apiError(gatewayErrors['InvalidParameter.Count'], { limit: maxParameters })
    let end = text.indexOf('&', at)
    if (end === -1) end = text.length
    if (end > at) addPair(text.slice(at, end), into, part)
    at = end + 1
  }
}

function addPair(pair: string, into: Map<string, string>, part: string): void {
  const equals = pair.indexOf('=')
  const name = decode(equals === -1 ? pair : pair.slice(0, equals), part)
  const value = equals === -1 ? '' : decode(pair.slice(equals + 1), part)
  if (into.has(name)) throw apiError(gatewayErrors['InvalidParameter.Duplicate'], { parameter: name.slice(0, 100) })
  if (into.size >= maxParameters) throw apiError(gatewayErrors['InvalidParameter.Count'], { limit: maxParameters })
  into.set(name, value)
}

function decode(text: string, part: string): string {
  if (!text.includes('%') && !text.includes('+')) return text
  try {
    // Replacing takes over a second for the millions of `+` that a body may hold; splitting does not.
    return decodeURIComponent(text.includes('+') ? text.split('+').join(' ') : text)
  } catch {
    throw apiError(gatewayErrors['InvalidParameter.Encoding'], { part })
  }
}
