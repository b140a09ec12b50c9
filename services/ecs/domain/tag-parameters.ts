import { parseTags, type Tag } from '@pileus/kernel/tags'

/** `Tag.N` as decoded requests hold it. @throws InvalidTagKey.Malformed and its like */
export function tagsOf(given: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined): Tag[] {
  return parseTags((given ?? []).map((tag) => ({ Key: tag.Key ?? '', Value: tag.Value ?? '' })))
}

/** `Tag.N` as a filter: pairs without a key ask for nothing. */
export function tagFilterOf(
  given: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
): { key: string; value?: string | undefined }[] {
  return (given ?? []).flatMap((tag) => (tag.Key ? [{ key: tag.Key, value: tag.Value }] : []))
}
