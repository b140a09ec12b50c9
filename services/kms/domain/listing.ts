import { say } from '@pileus/kernel/messages/text'
import type { KeyFilter } from '../tables/keys.ts'
import { invalid } from './parameters.ts'

/** Numbered pages of at most 100, 10 when the request does not say. @throws InvalidParameter */
export function parseNumberedPage(request: { PageNumber?: number | undefined; PageSize?: number | undefined }) {
  const pageNumber = request.PageNumber ?? 1
  const pageSize = request.PageSize ?? 10
  if (!Number.isInteger(pageNumber) || pageNumber < 1 || pageNumber > 1_000_000) {
    throw invalid('PageNumber', say`it must be 1 to 1000000.`)
  }
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > 100)
    throw invalid('PageSize', say`it must be 1 to 100.`)
  return { pageNumber, pageSize }
}

const filterKeys = ['KeyState', 'KeySpec', 'KeyUsage', 'ProtectionLevel'] as const

/** Reads `[{"Key": "KeyState", "Values": ["Enabled"]}]`. @throws InvalidParameter */
export function parseFilters(text: string | undefined): KeyFilter {
  const filter: KeyFilter = { states: undefined, specs: undefined, usages: undefined }
  if (!text) return filter
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    list = undefined
  }
  if (!Array.isArray(list)) throw malformed()
  for (const item of list as { Key?: unknown; Values?: unknown }[]) {
    const values = item?.Values
    const key = filterKeys.find((known) => known === item?.Key)
    if (!key || !Array.isArray(values) || values.some((value) => typeof value !== 'string')) throw malformed()
    if (key === 'KeyState') filter.states = values
    else if (key === 'KeySpec') filter.specs = values
    else if (key === 'KeyUsage') filter.usages = values
    // All keys are kept in software.
    else if (!values.includes('SOFTWARE')) filter.states = []
  }
  return filter
}

function malformed() {
  return invalid('Filters', say`it must be a JSON list of ${'{"Key", "Values"}'}, with keys ${filterKeys.join(', ')}.`)
}

export function describeAlias(
  { accountId, regionId }: { accountId: string; regionId: string },
  { aliasName, keyId }: { aliasName: string; keyId: string },
) {
  return { AliasName: aliasName, KeyId: keyId, AliasArn: `acs:kms:${regionId}:${accountId}:${aliasName}` }
}
