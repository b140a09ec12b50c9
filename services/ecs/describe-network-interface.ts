import { isoSeconds } from '@pileus/kernel/clock'
import type { Tag } from '@pileus/kernel/tags'
import type { Nic } from '@pileus/vpc/port'
import { privateIpSets } from './network-parameters.ts'

/** A network interface as creating, listing and describing it answer; each answer keeps the fields that it has. */
export function describeNetworkInterface(nic: Nic, tags: readonly Tag[]) {
  return {
    NetworkInterfaceId: nic.nicId,
    NetworkInterfaceName: nic.name,
    Description: nic.description,
    CreationTime: isoSeconds(nic.createdAt),
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
    InstanceId: nic.instanceId ?? '',
    DeleteOnRelease: nic.deleteOnRelease,
    SourceDestCheck: nic.sourceDestCheck,
    ResourceGroupId: nic.resourceGroupId,
    ServiceManaged: false,
    NetworkInterfaceTrafficMode: 'Standard',
    QueueNumber: 1,
    Tags: { Tag: tags.map((tag) => ({ TagKey: tag.key, TagValue: tag.value })) },
  }
}

/** Where a network interface is attached; instances have one network card, so its index is 0. */
export function describeAttachment(nic: Nic) {
  return nic.instanceId === undefined ? {} : { InstanceId: nic.instanceId, NetworkCardIndex: 0 }
}
