/** Every operation of ECS that is implemented. */
import type { AnyOperation } from '@pileus/kernel/operation'
import { networkOperations } from './network-operations.ts'
import type { EcsContext } from './operation.ts'
import { AttachKeyPair } from './operations/AttachKeyPair.ts'
import { CreateInstance } from './operations/CreateInstance.ts'
import { CreateKeyPair } from './operations/CreateKeyPair.ts'
import { DeleteInstance } from './operations/DeleteInstance.ts'
import { DeleteInstances } from './operations/DeleteInstances.ts'
import { DeleteKeyPairs } from './operations/DeleteKeyPairs.ts'
import { DescribeAccountAttributes } from './operations/DescribeAccountAttributes.ts'
import { DescribeAvailableResource } from './operations/DescribeAvailableResource.ts'
import { DescribeImageSupportInstanceTypes } from './operations/DescribeImageSupportInstanceTypes.ts'
import { DescribeImages } from './operations/DescribeImages.ts'
import { DescribeInstanceAttachmentAttributes } from './operations/DescribeInstanceAttachmentAttributes.ts'
import { DescribeInstanceAttribute } from './operations/DescribeInstanceAttribute.ts'
import { DescribeInstanceAutoRenewAttribute } from './operations/DescribeInstanceAutoRenewAttribute.ts'
import { DescribeInstanceMaintenanceAttributes } from './operations/DescribeInstanceMaintenanceAttributes.ts'
import { DescribeInstanceRamRole } from './operations/DescribeInstanceRamRole.ts'
import { DescribeInstanceStatus } from './operations/DescribeInstanceStatus.ts'
import { DescribeInstanceTypeFamilies } from './operations/DescribeInstanceTypeFamilies.ts'
import { DescribeInstanceTypes } from './operations/DescribeInstanceTypes.ts'
import { DescribeInstances } from './operations/DescribeInstances.ts'
import { DescribeInvocationResults } from './operations/DescribeInvocationResults.ts'
import { DescribeKeyPairs } from './operations/DescribeKeyPairs.ts'
import { DescribeRegions } from './operations/DescribeRegions.ts'
import { DescribeUserData } from './operations/DescribeUserData.ts'
import { DescribeZones } from './operations/DescribeZones.ts'
import { DetachKeyPair } from './operations/DetachKeyPair.ts'
import { GetInstanceConsoleOutput } from './operations/GetInstanceConsoleOutput.ts'
import { ImportKeyPair } from './operations/ImportKeyPair.ts'
import { InvokeCommand } from './operations/InvokeCommand.ts'
import { ModifyInstanceAttribute } from './operations/ModifyInstanceAttribute.ts'
import { ModifyInstanceAutoReleaseTime } from './operations/ModifyInstanceAutoReleaseTime.ts'
import { ModifyInstanceMetadataOptions } from './operations/ModifyInstanceMetadataOptions.ts'
import { ModifyInstanceSpec } from './operations/ModifyInstanceSpec.ts'
import { RebootInstance } from './operations/RebootInstance.ts'
import { RebootInstances } from './operations/RebootInstances.ts'
import { RunCommand } from './operations/RunCommand.ts'
import { RunInstances } from './operations/RunInstances.ts'
import { StartInstance } from './operations/StartInstance.ts'
import { StartInstances } from './operations/StartInstances.ts'
import { StopInstance } from './operations/StopInstance.ts'
import { StopInstances } from './operations/StopInstances.ts'

export const operations: readonly AnyOperation<EcsContext>[] = [
  AttachKeyPair,
  CreateInstance,
  CreateKeyPair,
  DeleteInstance,
  DeleteInstances,
  DeleteKeyPairs,
  DescribeAccountAttributes,
  DescribeAvailableResource,
  DescribeImageSupportInstanceTypes,
  DescribeImages,
  DescribeInstanceAttachmentAttributes,
  DescribeInstanceAttribute,
  DescribeInstanceAutoRenewAttribute,
  DescribeInstanceMaintenanceAttributes,
  DescribeInstanceRamRole,
  DescribeInstanceStatus,
  DescribeInstanceTypeFamilies,
  DescribeInstanceTypes,
  DescribeInstances,
  DescribeInvocationResults,
  DescribeKeyPairs,
  DescribeRegions,
  DescribeUserData,
  DescribeZones,
  DetachKeyPair,
  GetInstanceConsoleOutput,
  ImportKeyPair,
  InvokeCommand,
  ModifyInstanceAttribute,
  ModifyInstanceAutoReleaseTime,
  ModifyInstanceMetadataOptions,
  ModifyInstanceSpec,
  RebootInstance,
  RebootInstances,
  RunCommand,
  RunInstances,
  StartInstance,
  StartInstances,
  StopInstance,
  StopInstances,
  ...networkOperations,
]
