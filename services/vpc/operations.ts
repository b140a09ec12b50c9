/** Every action of the product that is implemented. */
import type { AnyOperation } from '@pileus/kernel/operation'
import type { VpcContext } from './operation.ts'
import { CreateDefaultVpc } from './operations/CreateDefaultVpc.ts'
import { CreateDefaultVSwitch } from './operations/CreateDefaultVSwitch.ts'
import { CreateVpc } from './operations/CreateVpc.ts'
import { CreateVSwitch } from './operations/CreateVSwitch.ts'
import { DeleteVpc } from './operations/DeleteVpc.ts'
import { DeleteVSwitch } from './operations/DeleteVSwitch.ts'
import { DescribeVpcAttribute } from './operations/DescribeVpcAttribute.ts'
import { DescribeVpcs } from './operations/DescribeVpcs.ts'
import { DescribeVSwitchAttributes } from './operations/DescribeVSwitchAttributes.ts'
import { DescribeVSwitches } from './operations/DescribeVSwitches.ts'
import { ModifyVpcAttribute } from './operations/ModifyVpcAttribute.ts'
import { ModifyVSwitchAttribute } from './operations/ModifyVSwitchAttribute.ts'

export const operations: readonly AnyOperation<VpcContext>[] = [
  CreateDefaultVSwitch,
  CreateDefaultVpc,
  CreateVSwitch,
  CreateVpc,
  DeleteVSwitch,
  DeleteVpc,
  DescribeVSwitchAttributes,
  DescribeVSwitches,
  DescribeVpcAttribute,
  DescribeVpcs,
  ModifyVSwitchAttribute,
  ModifyVpcAttribute,
]
