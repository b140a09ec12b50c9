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

function matches(name: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(name)
}
