import type { DescribeDisksResponseDisksDisk } from '@pileus/contract/generated/ecs'
import { isoMinutes } from '@pileus/kernel/clock'
import type { Tag } from '@pileus/kernel/tags'
import type { DiskRow } from './tables/schema.ts'

export function describeDisk(row: DiskRow, tags: readonly Tag[]): DescribeDisksResponseDisksDisk {
  const attachedTime = row.instance_id !== null && row.attached_at ? isoMinutes(row.attached_at) : ''
  const attachment = { InstanceId: row.instance_id ?? '', Device: row.device, AttachedTime: attachedTime }
  return {
    DiskId: row.id,
    DiskName: row.name,
    Description: row.description,
    RegionId: row.region_id,
    ZoneId: row.zone_id,
    Type: row.role,
    Category: row.category,
    PerformanceLevel: row.performance_level,
    Size: row.size_gib,
    Status: row.status,
    InstanceId: row.instance_id ?? '',
    Device: row.device,
    ImageId: row.image_id ?? '',
    SerialNumber: row.id.slice(2),
    CreationTime: isoMinutes(row.created_at),
    AttachedTime: attachedTime,
    DetachedTime: row.instance_id === null && row.detached_at ? isoMinutes(row.detached_at) : '',
    ExpiredTime: '2099-12-31T15:59Z',
    DiskChargeType: 'PostPaid',
    DeleteWithInstance: row.delete_with_instance,
    DeleteAutoSnapshot: false,
    EnableAutoSnapshot: false,
    EnableAutomatedSnapshotPolicy: false,
    AutoSnapshotPolicyId: '',
    Encrypted: row.kms_key_id !== null,
    KMSKeyId: row.kms_key_id ?? '',
    Portable: row.role === 'data',
    MultiAttach: 'Disabled',
    MountInstanceNum: row.instance_id === null ? 0 : 1,
    BurstingEnabled: false,
    ProvisionedIops: 0,
    IOPS: 0,
    IOPSRead: 0,
    IOPSWrite: 0,
    Throughput: 0,
    ThroughputRead: 0,
    ThroughputWrite: 0,
    ProductCode: '',
    ResourceGroupId: row.resource_group_id,
    SourceSnapshotId: '',
    StorageSetId: '',
    StorageSetPartitionNumber: 0,
    StorageClusterId: '',
    BdfId: '',
    Attachments: { Attachment: row.instance_id === null ? [] : [attachment] },
    MountInstances: { MountInstance: [] },
    OperationLocks: { OperationLock: [] },
    Tags: { Tag: tags.map((tag) => ({ TagKey: tag.key, TagValue: tag.value })) },
  }
}
