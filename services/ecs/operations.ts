/** Every operation of ECS that is implemented. */
import type { AnyOperation } from '@pileus/kernel/operation'
import { networkOperations } from './network-operations.ts'
import type { EcsContext } from './operation.ts'
import { AddTags } from './operations/AddTags.ts'
import { AttachDisk } from './operations/AttachDisk.ts'
import { AttachInstanceRamRole } from './operations/AttachInstanceRamRole.ts'
import { AttachKeyPair } from './operations/AttachKeyPair.ts'
import { CreateCommand } from './operations/CreateCommand.ts'
import { CreateDisk } from './operations/CreateDisk.ts'
import { CreateInstance } from './operations/CreateInstance.ts'
import { CreateKeyPair } from './operations/CreateKeyPair.ts'
import { DeleteCommand } from './operations/DeleteCommand.ts'
import { DeleteDisk } from './operations/DeleteDisk.ts'
import { DeleteInstance } from './operations/DeleteInstance.ts'
import { DeleteInstances } from './operations/DeleteInstances.ts'
import { DeleteKeyPairs } from './operations/DeleteKeyPairs.ts'
import { DescribeAccountAttributes } from './operations/DescribeAccountAttributes.ts'
import { DescribeAvailableResource } from './operations/DescribeAvailableResource.ts'
import { DescribeCloudAssistantStatus } from './operations/DescribeCloudAssistantStatus.ts'
import { DescribeCommands } from './operations/DescribeCommands.ts'
import { DescribeDisks } from './operations/DescribeDisks.ts'
import { DescribeImageSupportInstanceTypes } from './operations/DescribeImageSupportInstanceTypes.ts'
import { DescribeImages } from './operations/DescribeImages.ts'
import { DescribeInstanceAttachmentAttributes } from './operations/DescribeInstanceAttachmentAttributes.ts'
import { DescribeInstanceAttribute } from './operations/DescribeInstanceAttribute.ts'
import { DescribeInstanceAutoRenewAttribute } from './operations/DescribeInstanceAutoRenewAttribute.ts'
import { DescribeInstanceMaintenanceAttributes } from './operations/DescribeInstanceMaintenanceAttributes.ts'
import { DescribeInstanceRamRole } from './operations/DescribeInstanceRamRole.ts'
import { DescribeInstanceStatus } from './operations/DescribeInstanceStatus.ts'
import { DescribeInstances } from './operations/DescribeInstances.ts'
import { DescribeInstanceTypeFamilies } from './operations/DescribeInstanceTypeFamilies.ts'
import { DescribeInstanceTypes } from './operations/DescribeInstanceTypes.ts'
import { DescribeInvocationResults } from './operations/DescribeInvocationResults.ts'
import { DescribeInvocations } from './operations/DescribeInvocations.ts'
import { DescribeKeyPairs } from './operations/DescribeKeyPairs.ts'
import { DescribeRegions } from './operations/DescribeRegions.ts'
import { DescribeTags } from './operations/DescribeTags.ts'
import { DescribeUserData } from './operations/DescribeUserData.ts'
import { DescribeZones } from './operations/DescribeZones.ts'
import { DetachDisk } from './operations/DetachDisk.ts'
import { DetachInstanceRamRole } from './operations/DetachInstanceRamRole.ts'
import { DetachKeyPair } from './operations/DetachKeyPair.ts'
import { GetInstanceConsoleOutput } from './operations/GetInstanceConsoleOutput.ts'
import { ImportKeyPair } from './operations/ImportKeyPair.ts'
import { InvokeCommand } from './operations/InvokeCommand.ts'
import { ListTagResources } from './operations/ListTagResources.ts'
import { ModifyDiskAttribute } from './operations/ModifyDiskAttribute.ts'
import { ModifyDiskSpec } from './operations/ModifyDiskSpec.ts'
import { ModifyInstanceAttribute } from './operations/ModifyInstanceAttribute.ts'
import { ModifyInstanceAutoReleaseTime } from './operations/ModifyInstanceAutoReleaseTime.ts'
import { ModifyInstanceMetadataOptions } from './operations/ModifyInstanceMetadataOptions.ts'
import { ModifyInstanceSpec } from './operations/ModifyInstanceSpec.ts'
import { RebootInstance } from './operations/RebootInstance.ts'
import { RebootInstances } from './operations/RebootInstances.ts'
import { ReInitDisk } from './operations/ReInitDisk.ts'
import { RemoveTags } from './operations/RemoveTags.ts'
import { ResizeDisk } from './operations/ResizeDisk.ts'
import { RunCommand } from './operations/RunCommand.ts'
import { RunInstances } from './operations/RunInstances.ts'
import { StartInstance } from './operations/StartInstance.ts'
import { StartInstances } from './operations/StartInstances.ts'
import { StopInstance } from './operations/StopInstance.ts'
import { StopInstances } from './operations/StopInstances.ts'
import { StopInvocation } from './operations/StopInvocation.ts'
import { TagResources } from './operations/TagResources.ts'
import { UntagResources } from './operations/UntagResources.ts'

export const operations: readonly AnyOperation<EcsContext>[] = [
  AddTags,
  AttachDisk,
  AttachInstanceRamRole,
  AttachKeyPair,
  CreateCommand,
  CreateDisk,
  CreateInstance,
  CreateKeyPair,
  DeleteCommand,
  DeleteDisk,
  DeleteInstance,
  DeleteInstances,
  DeleteKeyPairs,
  DescribeAccountAttributes,
  DescribeAvailableResource,
  DescribeCloudAssistantStatus,
  DescribeCommands,
  DescribeDisks,
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
  DescribeInvocations,
  DescribeKeyPairs,
  DescribeRegions,
  DescribeTags,
  DescribeUserData,
  DescribeZones,
  DetachDisk,
  DetachInstanceRamRole,
  DetachKeyPair,
  GetInstanceConsoleOutput,
  ImportKeyPair,
  InvokeCommand,
  ListTagResources,
  ModifyDiskAttribute,
  ModifyDiskSpec,
  ModifyInstanceAttribute,
  ModifyInstanceAutoReleaseTime,
  ModifyInstanceMetadataOptions,
  ModifyInstanceSpec,
  ReInitDisk,
  RebootInstance,
  RebootInstances,
  RemoveTags,
  ResizeDisk,
  RunCommand,
  RunInstances,
  StartInstance,
  StartInstances,
  StopInstance,
  StopInstances,
  StopInvocation,
  TagResources,
  UntagResources,
  ...networkOperations,
]
