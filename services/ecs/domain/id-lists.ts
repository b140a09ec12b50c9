/** Lists of ids in parameters. */

import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { errors } from '../errors.ts'

/**
 * Reads a JSON array of strings, such as `["i-1","i-2"]`; undefined when the parameter is absent or empty.
 * @throws InvalidInstanceIds.Malformed
 */
export function parseJsonList(parameter: string, text: string | undefined, max = 100): string[] | undefined {
  if (text === undefined || text.trim() === '') return undefined
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    throw apiError(errors['InvalidInstanceIds.Malformed'], {
      parameter,
      reason: say`it must be a JSON array of strings.`,
    })
  }
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) {
    throw apiError(errors['InvalidInstanceIds.Malformed'], {
      parameter,
      reason: say`it must be a JSON array of strings.`,
    })
  }
  if (list.length > max) {
    throw apiError(errors['InvalidInstanceIds.Malformed'], {
      parameter,
      reason: say`it may hold ${max} items at most.`,
    })
  }
  return [...new Set(list as string[])]
}

/** What a JSON array names, for authorization, which comes before other checks: `*` when it cannot be read. */
export function namedInJson(text: string | undefined): string[] {
  try {
    return parseJsonList('', text) ?? ['*']
  } catch {
    return ['*']
  }
}

/** Ids of a repeated parameter such as `InstanceId.N`. @throws MissingParameter, InvalidParameter */
export function parseIdList(parameter: string, ids: readonly string[] | undefined, max: number): string[] {
  const distinct = [...new Set((ids ?? []).filter((id) => id !== ''))]
  if (distinct.length === 0) throw apiError(commonErrors.MissingParameter, { parameter })
  if (distinct.length > max) {
    throw apiError(commonErrors.InvalidParameter, {
      parameter,
      reason: say`at most ${max} can be given, and ${distinct.length} are.`,
    })
  }
  return distinct
}
