import { isoSeconds } from '@pileus/kernel/clock'
import type { Tag } from '@pileus/kernel/tags'
import { usableRange } from './addressing.ts'
import { getCidr } from './cidr.ts'

/** What describing a vswitch needs of its row. */
export interface DescribedVSwitch {
  vswitch_id: string
  vpc_id: string
  zone_id: string
  cidr: string
  name: string
  description: string
  is_default: boolean
  route_table_id: string
  follows_system_table: boolean
  used_ips: number
  created_at: Date
}

/** A vswitch as DescribeVSwitches and DescribeVSwitchAttributes answer it. */
export function describeVSwitch(vswitch: DescribedVSwitch, resourceGroupId: string, tags: readonly Tag[]) {
  return {
    VSwitchId: vswitch.vswitch_id,
    VpcId: vswitch.vpc_id,
    ZoneId: vswitch.zone_id,
    Status: 'Available',
    VSwitchName: vswitch.name,
    Description: vswitch.description,
    CreationTime: isoSeconds(vswitch.created_at),
    CidrBlock: vswitch.cidr,
    Ipv6CidrBlock: '',
    EnabledIpv6: false,
    IsDefault: vswitch.is_default,
    AvailableIpAddressCount: usableRange(getCidr(vswitch.cidr)).count - vswitch.used_ips,
    ResourceGroupId: resourceGroupId,
    NetworkAclId: '',
    ShareType: '',
    RouteTable: {
      RouteTableId: vswitch.route_table_id,
      RouteTableType: vswitch.follows_system_table ? 'System' : 'Custom',
    },
    Tags: { Tag: tags.map((tag) => ({ Key: tag.key, Value: tag.value })) },
  }
}
