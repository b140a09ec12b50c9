import { isoSeconds } from '@pileus/kernel/clock'
import type { Tag } from '@pileus/kernel/tags'
import type { Nic } from '@pileus/vpc/port'
import { privateIpSets } from './network-parameters.ts'

/** A network interface as creating it answers. */
export function describeNewNetworkInterface(nic: Nic, tags: readonly Tag[]) {
  return {
    NetworkInterfaceId: nic.nicId,
    NetworkInterfaceName: nic.name,
    Description: nic.description,
    Status: nic.status,
    Type: nic.type,
    OwnerId: nic.accountId as string,
    VpcId: nic.vpcId,
    VSwitchId: nic.vswitchId,
    ZoneId: nic.zoneId,
    MacAddress: nic.mac,
    PrivateIpAddress: nic.primaryIp,
    PrivateIpSets: { PrivateIpSet: privateIpSets(nic) },
    Ipv6Sets: { Ipv6Set: [] },
    Ipv4PrefixSets: { Ipv4PrefixSet: [] },
    Ipv6PrefixSets: { Ipv6PrefixSet: [] },
    SecurityGroupIds: { SecurityGroupId: nic.securityGroupIds },
    SourceDestCheck: nic.sourceDestCheck,
    ResourceGroupId: nic.resourceGroupId,
    ServiceManaged: false,
    Tags: { Tag: tags.map((tag) => ({ TagKey: tag.key, TagValue: tag.value })) },
  }
}

/** A network interface as listing and describing it answer. */
export function describeNetworkInterface(nic: Nic, tags: readonly Tag[]) {
  return {
    ...describeNewNetworkInterface(nic, tags),
    CreationTime: isoSeconds(nic.createdAt),
    InstanceId: nic.instanceId ?? '',
    DeleteOnRelease: nic.deleteOnRelease,
    NetworkInterfaceTrafficMode: 'Standard',
    QueueNumber: 1,
  }
}

/** Where a network interface is attached; instances have one network card, so its index is 0. */
export function describeAttachment(nic: Nic) {
  return nic.instanceId === undefined ? {} : { InstanceId: nic.instanceId, NetworkCardIndex: 0 }
}
