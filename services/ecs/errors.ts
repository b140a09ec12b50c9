import { errorCatalogue } from '@pileus/kernel/errors'

/** Codes of ECS. @see docs/sources.md#errors */
export const errors = errorCatalogue({
  'InvalidInstanceId.NotFound': [404, 'The specified InstanceId does not exist: {instanceId}.'],
  IncorrectInstanceStatus: [
    403,
    'The current status of the resource does not support this operation: {instanceId} is {status}, and {action} asks for {expected}.',
  ],
  'InvalidOperation.DeletionProtection': [
    403,
    'The operation is not allowed because deletion protection is on for instance {instanceId}. Turn it off first.',
  ],
  'OperationDenied.NoStock': [
    403,
    'The requested resource is sold out in zone {zoneId}; try other types or zones. {reason}',
  ],
  'InvalidInstanceType.ValueNotSupported': [
    400,
    'The specified InstanceType "{instanceType}" is not offered. DescribeInstanceTypes lists those that are.',
  ],
  'InvalidImageId.NotFound': [404, 'The specified ImageId does not exist: {imageId}. Offered here: {offered}.'],
  'InvalidImageFamily.NotFound': [404, 'No image of the family "{family}" is offered. Families: {offered}.'],
  'InvalidZoneId.NotFound': [404, 'The specified zone {zoneId} does not exist in region {regionId}.'],
  'InvalidParameter.NotMatch': [400, 'The parameters {parameters} do not fit each other: {reason}'],
  'InvalidParameter.KMSKeyId.CMKNotFound': [404, 'The key that KMSKeyId names is not found: {reason}'],
  'InvalidParameter.KMSKeyId.CMKNotEnabled': [403, 'The key of the disk has to be enabled: {reason}'],
  'InvalidParameter.KMSKeyId.CMKNotSupported': [400, 'The key that KMSKeyId names encrypts no disks: {reason}'],
  'InvalidParameter.KMSKeyId.KMSUnauthorized': [
    403,
    'You are not authorized to do {action} on {resource}, the key of the disk.',
  ],
  'InvalidInstanceName.Malformed': [400, 'The specified parameter "InstanceName" is not valid: {reason}'],
  'InvalidDescription.Malformed': [400, 'The specified parameter "Description" is not valid: {reason}'],
  'InvalidHostName.Malformed': [400, 'The specified parameter "HostName" is not valid: {reason}'],
  'InvalidUserData.Base64FormatInvalid': [400, 'The specified parameter "UserData" is not valid base64.'],
  'InvalidUserData.SizeExceeded': [400, 'The specified parameter "UserData" holds {size} bytes; at most 32 KB.'],
  'InvalidInstanceChargeType.ValueNotSupported': [
    400,
    'The InstanceChargeType "{value}" is not offered by this cloud; PostPaid is.',
  ],
  'InvalidSpotStrategy.ValueNotSupported': [400, 'The SpotStrategy "{value}" is not offered by this cloud; NoSpot is.'],
  'InvalidSystemDiskCategory.ValueNotSupported': [
    400,
    'The specified parameter "SystemDisk.Category" is not valid: {value}.',
  ],
  'InvalidSystemDiskSize.ValueNotSupported': [
    400,
    'The specified parameter "SystemDisk.Size" is not valid: {value} GiB; from {min} to {max} for this image.',
  ],
  'InvalidDataDiskCategory.ValueNotSupported': [
    400,
    'The specified parameter "DataDisk.{n}.Category" is not valid: {value}.',
  ],
  'InvalidDataDiskSize.ValueNotSupported': [
    400,
    'The specified parameter "DataDisk.{n}.Size" is not valid: {value} GiB; from {min} to {max} for {category}.',
  ],
  'InstanceDiskNumber.LimitExceed': [400, 'An instance can have {limit} data disks at most; {count} are asked for.'],
  'InvalidKeyPairName.NotFound': [404, 'The specified KeyPairName does not exist: {name}.'],
  'InvalidKeyPairName.Malformed': [
    400,
    'The specified KeyPairName "{name}" is not valid: 2 to 128 characters, a letter first, then letters, digits, ":", "_", "." or "-".',
  ],
  'KeyPair.AlreadyExist': [400, 'The key pair "{name}" already exists.'],
  'InvalidPublicKeyBody.Malformed': [400, 'The specified parameter "PublicKeyBody" is not an OpenSSH public key.'],
  'InvalidParameter.KeypairAlreadyAttachedInstance': [
    403,
    'The key pair "{name}" is in use by instance {instanceId}; detach it first.',
  ],
  'QuotaExceeded.KeyPair': [400, 'The account has {limit} key pairs in this region, which is the most allowed.'],
  'InvalidInstanceIds.Malformed': [400, 'The specified parameter "{parameter}" is not valid: {reason}'],
  'InvalidDiskId.NotFound': [404, 'The specified DiskId does not exist: {diskId}.'],
  IncorrectDiskStatus: [
    403,
    'The current status of the disk does not support this operation: {diskId} is {status}, and {action} asks for {expected}.',
  ],
  ResourcesNotInSameZone: [
    403,
    'The instance {instanceId} is in zone {instanceZoneId}, the disk {diskId} in zone {diskZoneId}; both must be in the same zone.',
  ],
  InstanceDiskLimitExceeded: [403, 'The instance {instanceId} has {limit} data disks, which is the most it can have.'],
  'InvalidDevice.Malformed': [
    400,
    'The specified parameter "Device" is not valid: {value}. Give /dev/xvdb to /dev/xvdz, or leave it out.',
  ],
  'InvalidDevice.InUse': [403, 'The device {device} of instance {instanceId} is taken by another disk.'],
  DependencyViolation: [403, 'The disk {diskId} is not attached to the instance {instanceId}.'],
  DiskTypeViolation: [403, 'The disk {diskId} is a system disk, which does not support this operation.'],
  DiskNotPortable: [403, 'The disk {diskId} cannot be attached there: {reason}'],
  'InvalidDiskCategory.ValueNotSupported': [400, 'The specified parameter "DiskCategory" is not valid: {value}.'],
  'InvalidSize.ValueNotSupported': [
    400,
    'The specified parameter "Size" is not valid: {value} GiB; from {min} to {max} for {category}.',
  ],
  'InvalidDiskName.Malformed': [400, 'The specified parameter "DiskName" is not valid: {reason}'],
  'QuotaExceed.PostPaidDisk': [
    400,
    'The account has {limit} disks that are not attached in this region, which is the most allowed. Delete some first.',
  ],
  'InvalidDiskSize.TooSmall': [400, 'The new size of {newSizeGiB} GiB is not above the present {sizeGiB} GiB.'],
  'InvalidCommandId.NotFound': [404, 'The specified CommandId does not exist: {commandId}.'],
  'InvalidInvokeId.NotFound': [404, 'The specified InvokeId does not exist: {invokeId}.'],
  'InvalidType.ValueNotSupported': [400, 'The command type "{type}" is not supported; RunShellScript is.'],
  'InvalidCommandContent.DecodeError': [400, 'The specified parameter "CommandContent" is not valid base64.'],
  'CommandContent.ExceedLimit': [400, 'The command holds {size} bytes; at most {limit}.'],
  'CmdParam.EmptyKey': [400, 'A key of the specified parameter "Parameters" is empty.'],
  'InvalidCmdParam.Missing': [400, 'The command has the parameter "{name}", and "Parameters" gives it no value.'],
  'CmdName.ExceedLimit': [400, 'The name of the command is longer than {limit} characters.'],
  'Instance.NotRunning': [403, 'The instance {instanceId} is not running, so it cannot run a command.'],
  'InvalidAutoReleaseTime.Malformed': [400, 'The specified parameter "AutoReleaseTime" is not valid: {reason}'],
  'InvalidResourceType.NotFound': [404, 'The ResourceType "{resourceType}" is not supported. Supported: {supported}.'],
  'InvalidResourceId.NotFound': [404, 'The specified ResourceId does not exist: {resourceId}.'],
  'InvalidRamRole.NotFound': [
    404,
    'The specified RamRoleName "{roleName}" does not exist; create the role in RAM first.',
  ],
  'InvalidRamRole.NotEcsRole': [
    403,
    'The specified RamRoleName "{roleName}" is not for instances: its trust policy must let the service {service} assume it.',
  ],
  'InvalidOperation.InstanceRamRoleAttached': [
    403,
    'The instance {instanceId} has the RAM role "{roleName}" already; detach it first.',
  ],
})
