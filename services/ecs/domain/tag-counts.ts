import type { DescribeTagsResponseTagsTag } from '@pileus/contract/generated/ecs'
import type { TagCount } from '../tables/tagged-resources.ts'

/** One entry for each key and value, in the order given, with the count of each type by the wire's name for it. */
export function groupTagCounts(counts: readonly TagCount[]): DescribeTagsResponseTagsTag[] {
  const tags = new Map<string, DescribeTagsResponseTagsTag>()
  for (const { key, value, resource_type, count } of counts) {
    const id = JSON.stringify([key, value])
    const tag = tags.get(id) ?? { TagKey: key, TagValue: value, ResourceTypeCount: { ...none } }
    const field = fieldOf[resource_type]
    if (field && tag.ResourceTypeCount) tag.ResourceTypeCount[field] = count
    tags.set(id, tag)
  }
  return [...tags.values()]
}

const none = {
  Instance: 0,
  Disk: 0,
  KeyPair: 0,
  Securitygroup: 0,
  Eni: 0,
  Image: 0,
  Snapshot: 0,
  SnapshotPolicy: 0,
  Volume: 0,
  Ddh: 0,
  LaunchTemplate: 0,
  ReservedInstance: 0,
}

const fieldOf: Readonly<Record<string, keyof typeof none>> = {
  instance: 'Instance',
  disk: 'Disk',
  keypair: 'KeyPair',
  securitygroup: 'Securitygroup',
  eni: 'Eni',
}
