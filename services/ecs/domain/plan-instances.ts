/** From the parameters of RunInstances and CreateInstance to what is to be made. Pure; throws catalogue errors. */

import type { CreateInstanceRequest, RunInstancesRequest } from '@pileus/contract/generated/ecs'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say, type Text } from '@pileus/kernel/messages/text'
import type { Tag } from '@pileus/kernel/tags'
import { errors } from '../errors.ts'
import { findDiskCategory, performanceLevelOf, systemDiskLimits } from './disks.ts'
import { findInstanceType, type InstanceType, maxDataDisks } from './instance-types.ts'
import { checkDescription, checkHostName, checkInstanceName, expandName } from './names.ts'
import { tagsOf } from './tag-parameters.ts'
import { isTrue, refuseUnsupported } from './unsupported.ts'

/** What both actions have in common; `CreateInstance` has the same names with a few other types. */
export type LaunchRequest = Partial<Omit<RunInstancesRequest, 'SystemDisk' | 'DataDisk'>> & {
  SystemDisk?: RunInstancesRequest['SystemDisk'] | CreateInstanceRequest['SystemDisk']
  DataDisk?: RunInstancesRequest['DataDisk'] | CreateInstanceRequest['DataDisk']
}

export interface PlannedDisk {
  category: string
  performanceLevel: string
  /** Undefined: as large as the image asks for. */
  sizeGiB: number | undefined
  name: string
  description: string
  deleteWithInstance: boolean
  /** Set when the disk is to be encrypted; `keyId` when the customer names a key. */
  encryption: { keyId: string | undefined } | undefined
}

export interface LaunchPlan {
  count: number
  /** Fewer than `count` are made, but not fewer than this, when there is no more stock. */
  minCount: number
  type: InstanceType
  image: { id: string } | { family: string }
  zoneId: string | undefined
  vswitchId: string | undefined
  securityGroupIds: string[]
  privateIp: string | undefined
  /** One of each for every instance; undefined: the instance's id tells. */
  names: string[] | undefined
  hostNames: string[] | undefined
  description: string
  keyPairName: string | undefined
  ramRoleName: string | undefined
  userData: string
  deletionProtection: boolean
  httpEndpoint: 'enabled' | 'disabled'
  httpTokens: 'optional' | 'required'
  httpHopLimit: number
  creditSpecification: string
  resourceGroupId: string
  autoReleaseAt: Date | undefined
  systemDisk: PlannedDisk
  dataDisks: PlannedDisk[]
  tags: Tag[]
}

const maxUserDataBytes = 32 * 1024

export function planInstances(request: LaunchRequest, now: Date): LaunchPlan {
  refuseUnsupported(request)
  const count = integerIn('Amount', request.Amount ?? 1, 1, 100)
  const minCount = integerIn('MinAmount', request.MinAmount ?? count, 1, 100)
  if (minCount > count) throw invalid('MinAmount', say`it must not be above Amount, ${count}.`)
  const type = parseType(request.InstanceType)
  if (request.Description) checkDescription(request.Description)
  const primary = request.NetworkInterface?.[0]
  const plan: LaunchPlan = {
    count,
    minCount,
    type,
    image: parseImage(request),
    zoneId: request.ZoneId || undefined,
    vswitchId: request.VSwitchId || primary?.VSwitchId || undefined,
    securityGroupIds: parseSecurityGroups(request),
    privateIp: request.PrivateIpAddress || primary?.PrimaryIpAddress || undefined,
    names: parseNames(request.InstanceName, count, request.UniqueSuffix),
    hostNames: parseHostNames(request, count),
    description: request.Description ?? '',
    keyPairName: request.KeyPairName || undefined,
    ramRoleName: request.RamRoleName || undefined,
    userData: parseUserData(request.UserData),
    deletionProtection: request.DeletionProtection ?? false,
    httpEndpoint: oneOf('HttpEndpoint', request.HttpEndpoint || 'enabled', ['enabled', 'disabled']),
    httpTokens: oneOf('HttpTokens', request.HttpTokens || 'optional', ['optional', 'required']),
    httpHopLimit: integerIn('HttpPutResponseHopLimit', request.HttpPutResponseHopLimit ?? 1, 1, 64),
    creditSpecification: parseCredits(request.CreditSpecification, type),
    resourceGroupId: request.ResourceGroupId ?? '',
    autoReleaseAt: request.AutoReleaseTime ? parseAutoReleaseTime(request.AutoReleaseTime, now) : undefined,
    systemDisk: parseSystemDisk(request.SystemDisk),
    dataDisks: (request.DataDisk ?? []).map((disk, i) => parseDataDisk(disk, i + 1)),
    tags: tagsOf(request.Tag),
  }
  if (plan.privateIp !== undefined && count > 1) {
    throw apiError(errors['InvalidParameter.NotMatch'], {
      parameters: 'PrivateIpAddress and Amount',
      reason: say`one address serves one instance.`,
    })
  }
  if (plan.dataDisks.length > maxDataDisks) {
    throw apiError(errors['InstanceDiskNumber.LimitExceed'], { limit: maxDataDisks, count: plan.dataDisks.length })
  }
  return plan
}

/** The size of the system disk on this image. @throws InvalidSystemDiskSize.ValueNotSupported */
export function systemDiskSize(disk: PlannedDisk, imageSizeGiB: number): number {
  const { minGiB, maxGiB, defaultGiB } = systemDiskLimits(imageSizeGiB)
  const sizeGiB = disk.sizeGiB ?? defaultGiB
  if (sizeGiB < minGiB || sizeGiB > maxGiB) {
    throw apiError(errors['InvalidSystemDiskSize.ValueNotSupported'], { value: sizeGiB, min: minGiB, max: maxGiB })
  }
  return sizeGiB
}

/** Whole minutes, UTC; from half an hour to three years ahead. @throws InvalidAutoReleaseTime.Malformed */
export function parseAutoReleaseTime(text: string, now: Date): Date {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/.test(text) ? new Date(text) : undefined
  if (!at || Number.isNaN(at.getTime())) {
    throw apiError(errors['InvalidAutoReleaseTime.Malformed'], { reason: say`it must be like 2026-02-23T12:46:00Z.` })
  }
  at.setUTCSeconds(0)
  const aheadMs = at.getTime() - now.getTime()
  if (aheadMs < 29 * 60_000 || aheadMs > 3 * 366 * 86_400_000) {
    throw apiError(errors['InvalidAutoReleaseTime.Malformed'], {
      reason: say`it must be from half an hour to three years ahead.`,
    })
  }
  return at
}

/** @throws InvalidUserData.Base64FormatInvalid, InvalidUserData.SizeExceeded */
export function parseUserData(text: string | undefined): string {
  if (!text) return ''
  const bytes = decodeBase64(text)
  if (!bytes) throw apiError(errors['InvalidUserData.Base64FormatInvalid'])
  if (bytes.length > maxUserDataBytes) throw apiError(errors['InvalidUserData.SizeExceeded'], { size: bytes.length })
  return bytes.toString('base64')
}

/** Undefined when the text is no base64. */
export function decodeBase64(text: string): Buffer | undefined {
  const compact = text.replace(/\s/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact) || compact.replace(/=+$/, '').length % 4 === 1) return undefined
  return Buffer.from(compact, 'base64')
}

function parseType(id: string | undefined): InstanceType {
  if (!id) throw apiError(commonErrors.MissingParameter, { parameter: 'InstanceType' })
  const type = findInstanceType(id)
  if (!type) throw apiError(errors['InvalidInstanceType.ValueNotSupported'], { instanceType: id })
  return type
}

function parseImage(request: LaunchRequest): LaunchPlan['image'] {
  if (request.ImageId && request.ImageFamily) {
    throw apiError(errors['InvalidParameter.NotMatch'], {
      parameters: 'ImageId and ImageFamily',
      reason: say`give one of them.`,
    })
  }
  if (request.ImageId) return { id: request.ImageId }
  if (request.ImageFamily) return { family: request.ImageFamily }
  throw apiError(commonErrors.MissingParameter, { parameter: 'ImageId' })
}

function parseSecurityGroups(request: LaunchRequest): string[] {
  const primary = request.NetworkInterface?.[0]
  const one = request.SecurityGroupId || primary?.SecurityGroupId
  const many = request.SecurityGroupIds?.length ? request.SecurityGroupIds : (primary?.SecurityGroupIds ?? [])
  if (one && many.length > 0) {
    throw apiError(errors['InvalidParameter.NotMatch'], {
      parameters: 'SecurityGroupId and SecurityGroupIds',
      reason: say`give one of them.`,
    })
  }
  return one ? [one] : [...new Set(many)]
}

function parseNames(name: string | undefined, count: number, uniqueSuffix: boolean | undefined): string[] | undefined {
  if (!name) return undefined
  const names = expandName(name, count, uniqueSuffix ?? false)
  for (const one of names) checkInstanceName(one)
  return names
}

function parseHostNames(request: LaunchRequest, count: number): string[] | undefined {
  if (request.HostNames?.length) {
    if (request.HostName) {
      throw apiError(errors['InvalidParameter.NotMatch'], {
        parameters: 'HostName and HostNames',
        reason: say`give one of them.`,
      })
    }
    if (request.HostNames.length !== count) {
      throw invalid(
        'HostNames',
        say`it must hold ${count} names, one for each instance, and holds ${request.HostNames.length}.`,
      )
    }
    for (const name of request.HostNames) checkHostName(name)
    return request.HostNames
  }
  if (!request.HostName) return undefined
  const names = expandName(request.HostName, count, request.UniqueSuffix ?? false)
  for (const name of names) checkHostName(name)
  return names
}

function parseCredits(value: string | undefined, type: InstanceType): string {
  if (type.credits === undefined) {
    if (value) throw invalid('CreditSpecification', say`${type.id} is not a burstable type.`)
    return ''
  }
  return oneOf('CreditSpecification', value || 'Standard', ['Standard', 'Unlimited'])
}

function parseSystemDisk(disk: LaunchRequest['SystemDisk']): PlannedDisk {
  const category = disk?.Category || 'cloud_efficiency'
  if (!findDiskCategory(category)) {
    throw apiError(errors['InvalidSystemDiskCategory.ValueNotSupported'], { value: category })
  }
  const asked = disk?.Size
  const sizeGiB = asked === undefined || asked === '' ? undefined : Number(asked)
  if (sizeGiB !== undefined && !Number.isInteger(sizeGiB)) {
    throw invalid('SystemDisk.Size', say`it must be a whole number of GiB, and is "${String(asked)}".`)
  }
  return {
    category,
    performanceLevel: performanceLevelOf(category, disk?.PerformanceLevel),
    sizeGiB,
    name: disk?.DiskName ?? '',
    description: disk?.Description ?? '',
    deleteWithInstance: true,
    encryption: parseEncryption('SystemDisk.', disk),
  }
}

function parseDataDisk(disk: NonNullable<LaunchRequest['DataDisk']>[number], n: number): PlannedDisk {
  const category = disk.Category || 'cloud_efficiency'
  const limits = findDiskCategory(category)
  if (!limits) throw apiError(errors['InvalidDataDiskCategory.ValueNotSupported'], { n, value: category })
  if (disk.Size === undefined) throw apiError(commonErrors.MissingParameter, { parameter: `DataDisk.${n}.Size` })
  if (!Number.isInteger(disk.Size) || disk.Size < limits.minGiB || disk.Size > limits.maxGiB) {
    throw apiError(errors['InvalidDataDiskSize.ValueNotSupported'], {
      n,
      value: disk.Size,
      min: limits.minGiB,
      max: limits.maxGiB,
      category,
    })
  }
  return {
    category,
    performanceLevel: performanceLevelOf(category, disk.PerformanceLevel),
    sizeGiB: disk.Size,
    name: disk.DiskName ?? '',
    description: disk.Description ?? '',
    deleteWithInstance: disk.DeleteWithInstance ?? true,
    encryption: parseEncryption(`DataDisk.${n}.`, disk),
  }
}

/** `prefix` is put before the names of the parameters. @throws InvalidParameter */
export function parseEncryption(prefix: string, disk: object | undefined): PlannedDisk['encryption'] {
  // One of the two actions has no such parameters for its system disk.
  const { Encrypted, KMSKeyId, EncryptAlgorithm } = (disk ?? {}) as {
    Encrypted?: unknown
    KMSKeyId?: string
    EncryptAlgorithm?: string
  }
  if (!isTrue(Encrypted)) {
    if (KMSKeyId) throw invalid(`${prefix}KMSKeyId`, say`a key is for an encrypted disk; give Encrypted=true too.`)
    return undefined
  }
  if (EncryptAlgorithm && EncryptAlgorithm.toLowerCase() !== 'aes-256') {
    throw invalid(`${prefix}EncryptAlgorithm`, say`it must be AES-256, and is "${EncryptAlgorithm}".`)
  }
  return { keyId: KMSKeyId || undefined }
}

function integerIn(parameter: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw invalid(parameter, say`it must be an integer from ${min} to ${max}, and is ${value}.`)
}

export function oneOf<const T extends string>(parameter: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one.toLowerCase() === value.toLowerCase())
  if (found !== undefined) return found
  throw invalid(parameter, say`it must be ${allowed.join(' or ')}, and is "${value}".`)
}

function invalid(parameter: string, reason: Text) {
  return apiError(commonErrors.InvalidParameter, { parameter, reason })
}
