/** Every action of the product that is implemented. */
import type { AnyOperation } from '@pileus/kernel/operation'
import type { VpcContext } from './operation.ts'
import { AssociateRouteTable } from './operations/AssociateRouteTable.ts'
import { AssociateVpcCidrBlock } from './operations/AssociateVpcCidrBlock.ts'
import { CreateDefaultVpc } from './operations/CreateDefaultVpc.ts'
import { CreateDefaultVSwitch } from './operations/CreateDefaultVSwitch.ts'
import { CreateRouteEntry } from './operations/CreateRouteEntry.ts'
import { CreateRouteTable } from './operations/CreateRouteTable.ts'
import { CreateVpc } from './operations/CreateVpc.ts'
import { CreateVSwitch } from './operations/CreateVSwitch.ts'
import { DeleteRouteEntry } from './operations/DeleteRouteEntry.ts'
import { DeleteRouteTable } from './operations/DeleteRouteTable.ts'
import { DeleteVpc } from './operations/DeleteVpc.ts'
import { DeleteVSwitch } from './operations/DeleteVSwitch.ts'
import { DescribeRegions } from './operations/DescribeRegions.ts'
import { DescribeRouteEntryList } from './operations/DescribeRouteEntryList.ts'
import { DescribeRouteTableList } from './operations/DescribeRouteTableList.ts'
import { DescribeRouteTables } from './operations/DescribeRouteTables.ts'
import { DescribeVpcAttribute } from './operations/DescribeVpcAttribute.ts'
import { DescribeVpcs } from './operations/DescribeVpcs.ts'
import { DescribeVRouters } from './operations/DescribeVRouters.ts'
import { DescribeVSwitchAttributes } from './operations/DescribeVSwitchAttributes.ts'
import { DescribeVSwitches } from './operations/DescribeVSwitches.ts'
import { DescribeZones } from './operations/DescribeZones.ts'
import { ListTagResources } from './operations/ListTagResources.ts'
import { ModifyRouteEntry } from './operations/ModifyRouteEntry.ts'
import { ModifyRouteTableAttributes } from './operations/ModifyRouteTableAttributes.ts'
import { ModifyVpcAttribute } from './operations/ModifyVpcAttribute.ts'
import { ModifyVSwitchAttribute } from './operations/ModifyVSwitchAttribute.ts'
import { MoveResourceGroup } from './operations/MoveResourceGroup.ts'
import { TagResources } from './operations/TagResources.ts'
import { UnassociateRouteTable } from './operations/UnassociateRouteTable.ts'
import { UnassociateVpcCidrBlock } from './operations/UnassociateVpcCidrBlock.ts'
import { UnTagResources } from './operations/UnTagResources.ts'

export const operations: readonly AnyOperation<VpcContext>[] = [
  AssociateRouteTable,
  AssociateVpcCidrBlock,
  CreateDefaultVSwitch,
  CreateDefaultVpc,
  CreateRouteEntry,
  CreateRouteTable,
  CreateVSwitch,
  CreateVpc,
  DeleteRouteEntry,
  DeleteRouteTable,
  DeleteVSwitch,
  DeleteVpc,
  DescribeRegions,
  DescribeRouteEntryList,
  DescribeRouteTableList,
  DescribeRouteTables,
  DescribeVRouters,
  DescribeVSwitchAttributes,
  DescribeVSwitches,
  DescribeVpcAttribute,
  DescribeVpcs,
  DescribeZones,
  ListTagResources,
  ModifyRouteEntry,
  ModifyRouteTableAttributes,
  ModifyVSwitchAttribute,
  ModifyVpcAttribute,
  MoveResourceGroup,
  TagResources,
  UnTagResources,
  UnassociateRouteTable,
  UnassociateVpcCidrBlock,
]
