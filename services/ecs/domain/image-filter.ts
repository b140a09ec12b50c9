/** Filters of DescribeImages. Pure. */
import type { DescribeImagesRequest } from '@pileus/contract/generated/ecs'
import type { ImageRow } from '../tables/schema.ts'
import { findInstanceType } from './instance-types.ts'

/** A family may stand in for an image's id, as it may when launching. */
export function findImages(images: readonly ImageRow[], request: DescribeImagesRequest): ImageRow[] {
  if (asksForTheImpossible(request)) return []
  const ids = (request.ImageId ?? '')
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '')
  const type = request.InstanceType ? findInstanceType(request.InstanceType) : undefined
  return images.filter(
    (image) =>
      (ids.length === 0 || ids.includes(image.id) || ids.includes(image.family)) &&
      (!request.ImageFamily || image.family === request.ImageFamily) &&
      (!request.ImageName || matches(image.name, request.ImageName)) &&
      (!type || image.min_memory_mib <= type.memoryMiB) &&
      (request.IsSupportCloudinit === undefined || (image.family !== 'micro') === request.IsSupportCloudinit),
  )
}

/** All images are the system's: public, available, x86_64 Linux, unused by anyone in particular. */
function asksForTheImpossible(request: DescribeImagesRequest): boolean {
  const other = (value: string | undefined, ours: string) =>
    Boolean(value) && !(value ?? '').toLowerCase().split(',').includes(ours)
  return (
    other(request.ImageOwnerAlias, 'system') ||
    other(request.OSType, 'linux') ||
    other(request.Architecture, 'x86_64') ||
    other(request.Status, 'available') ||
    other(request.Usage, 'none') ||
    Boolean(request.SnapshotId) ||
    Boolean(request.ResourceGroupId) ||
    (request.Tag ?? []).some((tag) => tag.Key) ||
    request.Usable === false ||
    request.IsPublic === false ||
    request.IsSupportIoOptimized === false ||
    (Boolean(request.InstanceType) && !findInstanceType(request.InstanceType ?? ''))
  )
}

/** `*` stands for any characters. Each part is looked for once: a regular expression of a pattern may never end. */
function matches(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return name === pattern
  if (!name.startsWith(first)) return false
  let at = first.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return name.length - last.length >= at && name.endsWith(last)
}
