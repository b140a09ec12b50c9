import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { parseTags, type Tag } from '@pileus/kernel/tags'
import { errors } from '../errors.ts'

/** `Tag.N` of a request. @throws InvalidTagKey.Malformed and its like */
export function tagsOf(given: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined): Tag[] {
  return parseTags((given ?? []).map((tag) => ({ Key: tag.Key ?? '', Value: tag.Value ?? '' })))
}

/** `ResourceId.N`. @throws MissingParameter, InvalidParameter beyond 50 ids */
export function parseIds(given: readonly string[]): string[] {
  const ids = [...new Set(given.filter((id) => id !== ''))]
  if (ids.length === 0) throw apiError(errors.MissingParameter, { parameter: 'ResourceId' })
  if (ids.length > 50) {
    throw apiError(errors.InvalidParameter, {
      parameter: 'ResourceId',
      reason: say`at most 50 can be given, and ${ids.length} are.`,
    })
  }
  return ids
}
