/** Filters of DescribeDisks. Pure. */
import type { DescribeDisksRequest } from '@pileus/contract/generated/ecs'
import type { DiskFilter } from '../tables/disks.ts'
import { parseJsonList } from './id-lists.ts'
import { oneOf } from './plan-instances.ts'
import { tagFilterOf } from './tag-parameters.ts'

/** Disks here are postpaid and unshared, and there are no snapshots. */
function asksForTheImpossible(request: DescribeDisksRequest): boolean {
  const other = (value: string | undefined, ours: string) => Boolean(value) && value?.toLowerCase() !== ours
  return (
    other(request.DiskChargeType, 'postpaid') ||
    other(request.MultiAttach, 'disabled') ||
    request.EnableShared === true ||
    request.EnableAutoSnapshot === true ||
    request.EnableAutomatedSnapshotPolicy === true ||
    request.DeleteAutoSnapshot === true ||
    Boolean(request.SnapshotId) ||
    Boolean(request.AutoSnapshotPolicyId) ||
    Boolean(request.LockReason)
  )
}

/** @throws InvalidInstanceIds.Malformed, InvalidParameter */
export function parseDiskFilter(request: DescribeDisksRequest): DiskFilter {
  const type = oneOf('DiskType', request.DiskType || 'all', ['all', 'system', 'data'])
  const status = request.Status && request.Status !== 'All' ? request.Status : undefined
  return {
    ids: asksForTheImpossible(request) ? [] : parseJsonList('DiskIds', request.DiskIds),
    instanceId: request.InstanceId || undefined,
    role: type === 'all' ? undefined : type,
    isPortable: request.Portable,
    category: request.Category && request.Category !== 'all' ? request.Category : undefined,
    name: request.DiskName || undefined,
    zoneId: request.ZoneId || undefined,
    resourceGroupId: request.ResourceGroupId || undefined,
    deleteWithInstance: request.DeleteWithInstance,
    isEncrypted: request.Encrypted === true ? true : undefined,
    kmsKeyId: request.KMSKeyId || undefined,
    status,
    tags: tagFilterOf(request.Tag),
  }
}
