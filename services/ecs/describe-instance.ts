/** How instances look on the wire. */
import type {
  DescribeInstanceAttributeResponse,
  DescribeInstancesResponseInstancesInstance,
} from '@pileus/contract/generated/ecs'
import { isoMinutes } from '@pileus/kernel/clock'
import type { Tag } from '@pileus/kernel/tags'
import type { Nic } from '@pileus/vpc/port'
import { getInstanceType } from './domain/instance-types.ts'
import type { InstanceRow } from './tables/schema.ts'

/** PostPaid instances do not expire; the API still gives them a day. */
const farFuture = '2099-12-31T15:59Z'

export interface InstanceParts {
  row: InstanceRow
  /** Primary first. */
  nics: readonly Nic[]
  tags: readonly Tag[]
}

export function describeInstance({ row, nics, tags }: InstanceParts): DescribeInstancesResponseInstancesInstance {
  const primary = nics[0]
  return {
    InstanceId: row.id,
    InstanceName: row.name,
    Description: row.description,
    HostName: row.host_name,
    SerialNumber: row.serial_number,
    RegionId: row.region_id,
    ZoneId: row.zone_id,
    ClusterId: '',
    Status: row.status,
    StoppedMode: row.status === 'Stopped' ? row.stopped_mode : 'Not-applicable',
    InstanceType: row.instance_type,
    InstanceTypeFamily: getInstanceType(row.instance_type).family,
    Cpu: row.vcpus,
    Memory: row.memory_mib,
    GPUAmount: 0,
    GPUSpec: '',
    LocalStorageAmount: 0,
    LocalStorageCapacity: 0,
    ImageId: row.image_id,
    OSName: row.os_name,
    OSNameEn: row.os_name,
    OSType: 'linux',
    KeyPairName: row.key_pair_name ?? '',
    CreationTime: isoMinutes(row.created_at),
    StartTime: row.started_at ? isoMinutes(row.started_at) : '',
    ExpiredTime: farFuture,
    AutoReleaseTime: row.auto_release_at ? isoMinutes(row.auto_release_at) : '',
    InstanceChargeType: 'PostPaid',
    SaleCycle: '',
    SpotStrategy: 'NoSpot',
    SpotPriceLimit: 0,
    SpotDuration: 0,
    SpotInterruptionBehavior: '',
    CreditSpecification: row.credit_specification,
    DeletionProtection: row.deletion_protection,
    DeploymentSetId: '',
    HpcClusterId: '',
    ISP: '',
    DeviceAvailable: true,
    IoOptimized: true,
    Recyclable: row.recyclable,
    EnableNVS: false,
    ResourceGroupId: row.resource_group_id,
    InstanceNetworkType: 'vpc',
    InternetChargeType: 'PayByTraffic',
    InternetMaxBandwidthIn: 0,
    InternetMaxBandwidthOut: 0,
    VlanId: '',
    PublicIpAddress: { IpAddress: [] },
    InnerIpAddress: { IpAddress: [] },
    RdmaIpAddress: { IpAddress: [] },
    EipAddress: {
      AllocationId: '',
      IpAddress: '',
      Bandwidth: 0,
      InternetChargeType: '',
      IsSupportUnassociate: false,
    },
    SecurityGroupIds: { SecurityGroupId: [...(primary?.securityGroupIds ?? [])] },
    VpcAttributes: {
      VpcId: row.vpc_id,
      VSwitchId: row.vswitch_id,
      NatIpAddress: '',
      PrivateIpAddress: { IpAddress: primary ? [primary.primaryIp] : [] },
    },
    NetworkInterfaces: { NetworkInterface: nics.map(describeNic) },
    OperationLocks: { LockReason: [] },
    DedicatedHostAttribute: { DedicatedHostClusterId: '', DedicatedHostId: '', DedicatedHostName: '' },
    DedicatedInstanceAttribute: { Affinity: '', Tenancy: '' },
    EcsCapacityReservationAttr: { CapacityReservationId: '', CapacityReservationPreference: '' },
    CpuOptions: {
      CoreCount: Math.max(1, Math.floor(row.vcpus / 2)),
      ThreadsPerCore: row.vcpus > 1 ? 2 : 1,
      Numa: 'OFF',
    },
    HibernationOptions: { Configured: false },
    MetadataOptions: {
      HttpEndpoint: row.http_endpoint,
      HttpTokens: row.http_tokens,
      HttpPutResponseHopLimit: row.http_hop_limit,
    },
    ImageOptions: { LoginAsNonRoot: false },
    AdditionalInfo: { EnableHighDensityMode: false },
    Tags: { Tag: tags.map((tag) => ({ TagKey: tag.key, TagValue: tag.value })) },
  }
}

function describeNic(nic: Nic) {
  return {
    NetworkInterfaceId: nic.nicId,
    MacAddress: nic.mac,
    PrimaryIpAddress: nic.primaryIp,
    Type: nic.type,
    PrivateIpSets: {
      PrivateIpSet: [nic.primaryIp, ...nic.secondaryIps].map((ip, i) => ({ PrivateIpAddress: ip, Primary: i === 0 })),
    },
    Ipv6Sets: { Ipv6Set: [] },
    Ipv4PrefixSets: { Ipv4PrefixSet: [] },
    Ipv6PrefixSets: { Ipv6PrefixSet: [] },
  }
}

export function describeInstanceAttribute(parts: InstanceParts): DescribeInstanceAttributeResponse {
  const whole = describeInstance(parts)
  return {
    InstanceId: whole.InstanceId,
    InstanceName: whole.InstanceName,
    Description: whole.Description,
    HostName: whole.HostName,
    SerialNumber: whole.SerialNumber,
    RegionId: whole.RegionId,
    ZoneId: whole.ZoneId,
    ClusterId: whole.ClusterId,
    Status: whole.Status,
    StoppedMode: whole.StoppedMode,
    InstanceType: whole.InstanceType,
    Cpu: whole.Cpu,
    Memory: whole.Memory,
    ImageId: whole.ImageId,
    CreationTime: whole.CreationTime,
    ExpiredTime: whole.ExpiredTime,
    InstanceChargeType: whole.InstanceChargeType,
    CreditSpecification: whole.CreditSpecification,
    InstanceNetworkType: whole.InstanceNetworkType,
    InternetChargeType: whole.InternetChargeType,
    InternetMaxBandwidthIn: whole.InternetMaxBandwidthIn,
    InternetMaxBandwidthOut: whole.InternetMaxBandwidthOut,
    IoOptimized: 'optimized',
    VlanId: '',
    EnableJumboFrame: false,
    EnableNetworkEncryption: false,
    PublicIpAddress: whole.PublicIpAddress,
    InnerIpAddress: whole.InnerIpAddress,
    EipAddress: { AllocationId: '', IpAddress: '', Bandwidth: 0, InternetChargeType: '' },
    SecurityGroupIds: whole.SecurityGroupIds,
    VpcAttributes: whole.VpcAttributes,
    OperationLocks: { LockReason: [] },
    DedicatedHostAttribute: { DedicatedHostId: '', DedicatedHostName: '' },
  }
}
