/** The actions on security groups and network interfaces, whose rows the VPC product keeps. */
import type { AnyOperation } from '@pileus/kernel/operation'
import type { EcsContext } from './operation.ts'
import { AssignPrivateIpAddresses } from './operations/AssignPrivateIpAddresses.ts'
import { AttachNetworkInterface } from './operations/AttachNetworkInterface.ts'
import { AuthorizeSecurityGroup } from './operations/AuthorizeSecurityGroup.ts'
import { AuthorizeSecurityGroupEgress } from './operations/AuthorizeSecurityGroupEgress.ts'
import { CreateNetworkInterface } from './operations/CreateNetworkInterface.ts'
import { CreateSecurityGroup } from './operations/CreateSecurityGroup.ts'
import { DeleteNetworkInterface } from './operations/DeleteNetworkInterface.ts'
import { DeleteSecurityGroup } from './operations/DeleteSecurityGroup.ts'
import { DescribeNetworkInterfaceAttribute } from './operations/DescribeNetworkInterfaceAttribute.ts'
import { DescribeNetworkInterfaces } from './operations/DescribeNetworkInterfaces.ts'
import { DescribeSecurityGroupAttribute } from './operations/DescribeSecurityGroupAttribute.ts'
import { DescribeSecurityGroupReferences } from './operations/DescribeSecurityGroupReferences.ts'
import { DescribeSecurityGroups } from './operations/DescribeSecurityGroups.ts'
import { DetachNetworkInterface } from './operations/DetachNetworkInterface.ts'
import { JoinSecurityGroup } from './operations/JoinSecurityGroup.ts'
import { LeaveSecurityGroup } from './operations/LeaveSecurityGroup.ts'
import { ModifyNetworkInterfaceAttribute } from './operations/ModifyNetworkInterfaceAttribute.ts'
import { ModifySecurityGroupAttribute } from './operations/ModifySecurityGroupAttribute.ts'
import { ModifySecurityGroupEgressRule } from './operations/ModifySecurityGroupEgressRule.ts'
import { ModifySecurityGroupPolicy } from './operations/ModifySecurityGroupPolicy.ts'
import { ModifySecurityGroupRule } from './operations/ModifySecurityGroupRule.ts'
import { RevokeSecurityGroup } from './operations/RevokeSecurityGroup.ts'
import { RevokeSecurityGroupEgress } from './operations/RevokeSecurityGroupEgress.ts'
import { UnassignPrivateIpAddresses } from './operations/UnassignPrivateIpAddresses.ts'

export const networkOperations: readonly AnyOperation<EcsContext>[] = [
  AssignPrivateIpAddresses,
  AttachNetworkInterface,
  AuthorizeSecurityGroup,
  AuthorizeSecurityGroupEgress,
  CreateNetworkInterface,
  CreateSecurityGroup,
  DeleteNetworkInterface,
  DeleteSecurityGroup,
  DescribeNetworkInterfaceAttribute,
  DescribeNetworkInterfaces,
  DescribeSecurityGroupAttribute,
  DescribeSecurityGroupReferences,
  DescribeSecurityGroups,
  DetachNetworkInterface,
  JoinSecurityGroup,
  LeaveSecurityGroup,
  ModifyNetworkInterfaceAttribute,
  ModifySecurityGroupAttribute,
  ModifySecurityGroupEgressRule,
  ModifySecurityGroupPolicy,
  ModifySecurityGroupRule,
  RevokeSecurityGroup,
  RevokeSecurityGroupEgress,
  UnassignPrivateIpAddresses,
]
