import { say, type Text } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { maxParameters } from '../protocols/percent.ts'
import { ossErrors } from './errors.ts'

/** One pair of a query string. Signers tell `k` from `k=`. */
export interface QueryPair {
  name: string
  value: string
  hasEquals: boolean
}

/** @throws InvalidArgument when a name is there twice, or there are too many; InvalidURI when it is not UTF-8 */
export function parseQuery(query: string): QueryPair[] {
  if (query === '') return []
  const pairs: QueryPair[] = []
  const seen = new Set<string>()
  const parts = query.split('&', maxParameters + 1)
  if (parts.length > maxParameters) throw refuse(say`The request has too many parameters.`)
  for (const part of parts) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = decode(equals === -1 ? part : part.slice(0, equals))
    if (seen.has(name)) throw refuse(say`The parameter "${name.slice(0, 100)}" is given more than once.`)
    seen.add(name)
    pairs.push({ name, value: equals === -1 ? '' : decode(part.slice(equals + 1)), hasEquals: equals !== -1 })
  }
  return pairs
}

function decode(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw objectError(ossErrors.InvalidURI)
  }
}

function refuse(reason: Text) {
  return objectError(ossErrors.InvalidArgument, { facts: { reason } })
}
