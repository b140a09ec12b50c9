import type { DescribeImagesResponseImagesImage } from '@pileus/contract/generated/ecs'
import { isoSeconds } from '@pileus/kernel/clock'
import type { ImageRow } from './tables/schema.ts'

export function describeImage(image: ImageRow): DescribeImagesResponseImagesImage {
  return {
    ImageId: image.id,
    ImageName: image.name,
    ImageFamily: image.family,
    ImageVersion: '',
    ImageOwnerAlias: 'system',
    Description: image.engine === 'simulated' ? 'Simulated: no machine boots from it.' : '',
    Architecture: 'x86_64',
    OSType: 'linux',
    OSName: image.os_name,
    OSNameEn: image.os_name,
    Platform: image.platform,
    BootMode: 'BIOS',
    Size: image.size_gib,
    Status: 'Available',
    Usable: true,
    Usage: 'none',
    Progress: '100%',
    CreationTime: isoSeconds(image.created_at),
    IsPublic: true,
    IsCopied: false,
    IsSelfShared: '',
    IsSubscribed: false,
    IsSupportCloudinit: image.family !== 'micro',
    IsSupportIoOptimized: true,
    LoginAsNonRootSupported: false,
    LicenseType: '',
    ProductCode: '',
    SupplierName: '',
    ResourceGroupId: '',
    Features: { NvmeSupport: 'unsupported', ImdsSupport: 'v2' },
    DetectionOptions: { Items: { Item: [] }, Status: '' },
    DiskDeviceMappings: { DiskDeviceMapping: [] },
    Tags: { Tag: [] },
  }
}
