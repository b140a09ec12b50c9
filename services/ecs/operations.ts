/** Every operation of ECS that is implemented. */
import type { AnyOperation } from '@pileus/kernel/operation'
import type { EcsContext } from './operation.ts'
import { CreateInstance } from './operations/CreateInstance.ts'
import { DeleteInstance } from './operations/DeleteInstance.ts'
import { DeleteInstances } from './operations/DeleteInstances.ts'
import { DescribeInstanceAttribute } from './operations/DescribeInstanceAttribute.ts'
import { DescribeInstanceStatus } from './operations/DescribeInstanceStatus.ts'
import { DescribeInstances } from './operations/DescribeInstances.ts'
import { DescribeInvocationResults } from './operations/DescribeInvocationResults.ts'
import { InvokeCommand } from './operations/InvokeCommand.ts'
import { RebootInstance } from './operations/RebootInstance.ts'
import { RebootInstances } from './operations/RebootInstances.ts'
import { RunCommand } from './operations/RunCommand.ts'
import { RunInstances } from './operations/RunInstances.ts'
import { StartInstance } from './operations/StartInstance.ts'
import { StartInstances } from './operations/StartInstances.ts'
import { StopInstance } from './operations/StopInstance.ts'
import { StopInstances } from './operations/StopInstances.ts'

export const operations: readonly AnyOperation<EcsContext>[] = [
  CreateInstance,
  DeleteInstance,
  DeleteInstances,
  DescribeInstanceAttribute,
  DescribeInstanceStatus,
  DescribeInstances,
  DescribeInvocationResults,
  InvokeCommand,
  RebootInstance,
  RebootInstances,
  RunCommand,
  RunInstances,
  StartInstance,
  StartInstances,
  StopInstance,
  StopInstances,
]
