/** Reading what requests say. */
import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { encodeToken, parsePage } from '@pileus/kernel/pagination'
import { checkDataClass, checkFacts, checkJurisdiction, type ResidencyFacts } from '@pileus/kernel/residency/question'
import { findLawPack, lawPacks } from '@pileus/world/laws'
import { findRegion, regions } from '@pileus/world/regions'
import { residencyErrors } from './errors.ts'
import { checked } from './operation.ts'

/** Each once. @throws InvalidParameter */
export function parseDataClasses(given: readonly string[]): string[] {
  for (const dataClass of given) checked(() => checkDataClass(dataClass))
  if (given.length === 0) {
    throw apiError(residencyErrors.InvalidParameter, { parameter: 'DataClass', reason: say`name at least one.` })
  }
  return [...new Set(given)]
}

/**
 * Beginning of an ARN of the caller's; '' for all of the account.
 * @throws InvalidParameter
 */
export function parseResourceArn(given: string | undefined, accountId: string): string {
  if (given === undefined || given === '') return ''
  const [scheme, product, , owner, resource] = given.split(':')
  if (scheme === 'acs' && product && owner === accountId && resource && given.length <= 512) return given
  throw apiError(residencyErrors.InvalidParameter, {
    parameter: 'ResourceArn',
    reason: say`it begins with acs:<product>:<region>:${accountId}: and names a resource, such as a bucket.`,
  })
}

/** A jurisdiction, by itself or by a region of it; '' when nothing is given. @throws InvalidParameter */
export function parseOrigin(given: string | undefined): string {
  if (given === undefined || given === '') return ''
  const jurisdiction = jurisdictionOf(given)
  checked(() => checkJurisdiction(jurisdiction), { from: 'Origin' })
  return jurisdiction
}

/** Regions stand for the jurisdiction they are in. */
export function jurisdictionOf(place: string): string {
  return findRegion(place)?.jurisdiction ?? place
}

/** Regions and jurisdictions, each once. @throws InvalidParameter */
export function parsePlaces(given: readonly string[]): string[] {
  const unknown = given.find((place) => !findRegion(place) && !findLawPack(place))
  if (unknown !== undefined || given.length === 0) {
    const known = [...lawPacks.map(({ jurisdiction }) => jurisdiction), ...regions.map(({ id }) => id)].join(', ')
    throw apiError(residencyErrors.InvalidParameter, {
      parameter: 'AllowedPlace',
      reason: say`"${unknown ?? ''}" is neither a jurisdiction nor a region. There are: ${known}.`,
    })
  }
  return [...new Set(given)].sort()
}

/** A JSON object. @throws InvalidParameter */
export function parseFacts(given: string | undefined): ResidencyFacts {
  if (given === undefined || given === '') return {}
  let facts: unknown
  try {
    facts = JSON.parse(given)
  } catch {
    throw apiError(residencyErrors.InvalidParameter, { parameter: 'Facts', reason: say`it is not JSON.` })
  }
  return checked(() => {
    checkFacts(facts)
    return facts
  })
}

/** @throws InvalidParameter */
export function pageOf(request: { MaxResults?: number | undefined; NextToken?: string | undefined }): {
  after: string | undefined
  limit: number
} {
  const page = parsePage({ MaxResults: request.MaxResults ?? 50, NextToken: request.NextToken })
  if (page.kind === 'number') throw new Error('a page by number was not asked for')
  return page
}

/** The token of the next page, when `found` holds more than this one. */
export function tokenAfter<Row>(
  found: readonly Row[],
  limit: number,
  keyOf: (row: Row) => string,
): { NextToken?: string } {
  const last = found.length > limit ? found[limit - 1] : undefined
  return last === undefined ? {} : { NextToken: encodeToken(keyOf(last)) }
}
