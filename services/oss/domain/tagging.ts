import { say } from '@pileus/kernel/messages/text'
import type { XmlElement } from '@pileus/kernel/object-protocol'
import type { Tag } from './bucket.ts'
import { checkTags } from './headers.ts'
import { childrenOf, findChild, getText, malformedXml } from './xml.ts'

/** @throws MalformedXML, InvalidTag */
export function readTagging(root: XmlElement, limit: number): Tag[] {
  const set = findChild(root, 'TagSet')
  if (!set) throw malformedXml(say`Tagging has no TagSet.`)
  const tags = childrenOf(set, 'Tag').map((tag) => ({ key: getText(tag, 'Key'), value: getText(tag, 'Value') }))
  return checkTags(tags, limit)
}

export function describeTags(tags: readonly Tag[]): object {
  return { TagSet: { Tag: tags.map(({ key, value }) => ({ Key: key, Value: value })) } }
}
