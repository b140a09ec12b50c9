/** How requests name keys: by id, by alias, or by the ARN of either. */
import { apiError } from '@pileus/kernel/errors'
import { kmsErrors } from '../errors.ts'

export interface KeyRef {
  kind: 'key' | 'alias'
  /** The id, or the alias with its `alias/`. */
  name: string
  /** Set when the request names the key by its ARN. */
  place: { accountId: string; regionId: string } | undefined
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const aliasName = /^alias\/[A-Za-z0-9_/-]{1,248}$/

export function isKeyId(text: string): boolean {
  return uuid.test(text)
}

/** Undefined when it can be no key. */
export function readKeyRef(text: string): KeyRef | undefined {
  const arn = /^acs:kms:([^:]*):(\d+):(.*)$/.exec(text)
  const place = arn ? { regionId: arn[1]!, accountId: arn[2]! } : undefined
  const rest = arn ? arn[3]! : text
  if (rest.startsWith('alias/')) return aliasName.test(rest) ? { kind: 'alias', name: rest, place } : undefined
  const id = arn ? rest.replace(/^key\//, '') : rest
  return isKeyId(id) ? { kind: 'key', name: id, place } : undefined
}

/** Resource part of the ARN that policies name, or the whole ARN when the request gives one. */
export function keyResource(text: string): string {
  if (text.startsWith('acs:') || text.startsWith('alias/')) return text
  return `key/${text}`
}

/** `alias/` and 1 to 248 letters, digits, underscores, slashes and hyphens. @throws InvalidParameter */
export function parseAliasName(text: string): string {
  const reserved = /^alias\/acs\//.test(text)
  if (aliasName.test(text) && !reserved) return text
  const reason = reserved
    ? 'names that begin with alias/acs/ are those of keys that products of the cloud use.'
    : 'it must be alias/ and 1 to 248 letters, digits or characters of _/-.'
  throw apiError(kmsErrors.InvalidParameter, { parameter: 'AliasName', reason })
}
