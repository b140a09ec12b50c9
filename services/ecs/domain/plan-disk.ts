/** From the parameters of CreateDisk to what is to be made. Pure; throws catalogue errors. */
import type { CreateDiskRequest } from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import type { Tag } from '@pileus/kernel/tags'
import { errors } from '../errors.ts'
import { refuseUnoffered } from '../network-parameters.ts'
import { findDiskCategory, performanceLevelOf } from './disks.ts'
import { checkDescription, nameFault } from './names.ts'
import { oneOf, type PlannedDisk, parseEncryption } from './plan-instances.ts'
import { tagsOf } from './tag-parameters.ts'

export interface DiskPlan {
  zoneId: string
  category: string
  performanceLevel: string
  sizeGiB: number
  name: string
  description: string
  encryption: PlannedDisk['encryption']
  resourceGroupId: string
  tags: Tag[]
}

export function planDisk(request: CreateDiskRequest): DiskPlan {
  refuseUnoffered({
    AdvancedFeatures: request.AdvancedFeatures,
    BurstingEnabled: request.BurstingEnabled,
    ProvisionedIops: request.ProvisionedIops,
    SnapshotId: request.SnapshotId,
    StorageClusterId: request.StorageClusterId,
    StorageSetId: request.StorageSetId,
    StorageSetPartitionNumber: request.StorageSetPartitionNumber,
  })
  oneOf('MultiAttach', request.MultiAttach || 'Disabled', ['Disabled'])
  if (request.InstanceId) {
    throw apiError(commonErrors.InvalidParameter, {
      parameter: 'InstanceId',
      reason: say`it is for subscription disks, which are not offered; give ZoneId, then call AttachDisk.`,
    })
  }
  if (!request.ZoneId) throw apiError(commonErrors.MissingParameter, { parameter: 'ZoneId' })
  const category = request.DiskCategory || 'cloud'
  const fault = request.DiskName ? nameFault(request.DiskName) : undefined
  if (fault) throw apiError(errors['InvalidDiskName.Malformed'], { reason: fault })
  if (request.Description) checkDescription(request.Description)
  return {
    zoneId: request.ZoneId,
    category,
    performanceLevel: performanceLevelOf(category, request.PerformanceLevel),
    sizeGiB: parseSize(request.Size, category),
    name: request.DiskName ?? '',
    description: request.Description ?? '',
    encryption: parseEncryption('', request),
    resourceGroupId: request.ResourceGroupId ?? '',
    tags: tagsOf(request.Tag),
  }
}

function parseSize(value: number | undefined, category: string): number {
  const limits = findDiskCategory(category)
  if (!limits) throw apiError(errors['InvalidDiskCategory.ValueNotSupported'], { value: category })
  if (value === undefined) throw apiError(commonErrors.MissingParameter, { parameter: 'Size' })
  const { minGiB: min, maxGiB: max } = limits
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw apiError(errors['InvalidSize.ValueNotSupported'], { value, min, max, category })
}
