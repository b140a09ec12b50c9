/** Inventories: which objects are listed how often, and one line per version in the columns that were asked for. */
import { say, type Text } from '@pileus/kernel/messages/text'
import { objectError, type XmlElement } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import type { Bucket } from './bucket.ts'
import type { StoredObject } from './stored-object.ts'
import { shownVersionId } from './stored-object.ts'
import { xmlTime } from './times.ts'
import { allowOnly, findChild, malformedXml, textsOf } from './xml.ts'
import { findOnly, findValue, findWhole, getFlag, getOnly, getValue, getWord } from './xml-values.ts'

export interface Inventory {
  id: string
  isEnabled: boolean
  accountId: string
  roleArn: string
  targetBucket: string
  targetPrefix: string
  encryption: { kind: 'SSE-OSS' } | { kind: 'SSE-KMS'; keyId: string } | undefined
  frequency: 'Daily' | 'Weekly'
  filter: {
    prefix: string
    /** Unix seconds. */
    modifiedFrom: number | undefined
    modifiedUntil: number | undefined
    leastBytes: number | undefined
    mostBytes: number | undefined
    storageClasses: string[]
  }
  allVersions: boolean
  fields: InventoryField[]
}

const fieldNames = [
  ...['Size', 'LastModifiedDate', 'ETag', 'StorageClass', 'IsMultipartUploaded', 'EncryptionStatus'],
  ...['ObjectAcl', 'TaggingCount', 'ObjectType', 'Crc64'],
] as const
export type InventoryField = (typeof fieldNames)[number]

const dayMs = 86_400_000
const maxSeconds = 253_402_300_799
const maxObjectBytes = 5 * 1024 ** 5

/** @throws MalformedXML, InvalidArgument */
export function readInventory(root: XmlElement, inventoryId: string): Inventory {
  allowOnly(
    root,
    ...['Id', 'IsEnabled', 'Destination', 'Schedule', 'Filter', 'IncludedObjectVersions', 'OptionalFields'],
  )
  const id = getValue(root, 'Id')
  if (id !== inventoryId) throw refuse(say`Id must be the inventoryId of the request.`)
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) throw refuse(say`Id has 1 to 64 letters, digits, _ and -.`)
  const destination = getOnly(getOnly(root, 'Destination'), 'OSSBucketDestination')
  allowOnly(destination, 'Format', 'AccountId', 'RoleArn', 'Bucket', 'Prefix', 'Encryption')
  getWord(destination, 'Format', ['CSV'] as const)
  const arn = /^acs:oss:::([a-z0-9-]{3,63})$/.exec(getValue(destination, 'Bucket'))
  if (!arn) throw refuse(say`Bucket of the destination must be acs:oss:::<name>.`)
  return {
    id,
    isEnabled: getFlag(root, 'IsEnabled'),
    accountId: getValue(destination, 'AccountId'),
    roleArn: getValue(destination, 'RoleArn'),
    targetBucket: arn[1]!,
    targetPrefix: findValue(destination, 'Prefix') ?? '',
    encryption: readEncryption(findOnly(destination, 'Encryption')),
    frequency: getWord(getOnly(root, 'Schedule'), 'Frequency', ['Daily', 'Weekly'] as const),
    filter: readFilter(findOnly(root, 'Filter')),
    allVersions: getWord(root, 'IncludedObjectVersions', ['All', 'Current'] as const) === 'All',
    fields: readFields(findOnly(root, 'OptionalFields')),
  }
}

function readEncryption(element: XmlElement | undefined): Inventory['encryption'] {
  if (!element || element.children.length === 0) return undefined
  allowOnly(element, 'SSE-OSS', 'SSE-KMS')
  const kms = findOnly(element, 'SSE-KMS')
  return kms ? { kind: 'SSE-KMS', keyId: getValue(kms, 'KeyId') } : { kind: 'SSE-OSS' }
}

function readFilter(element: XmlElement | undefined): Inventory['filter'] {
  const filter = element ?? { name: 'Filter', text: '', children: [] }
  allowOnly(
    filter,
    ...['Prefix', 'LastModifyBeginTimeStamp', 'LastModifyEndTimeStamp', 'LowerSizeBound', 'UpperSizeBound'],
    'StorageClass',
  )
  const classes = findValue(filter, 'StorageClass')
  return {
    prefix: findChild(filter, 'Prefix')?.text ?? '',
    modifiedFrom: findWhole(filter, 'LastModifyBeginTimeStamp', 0, maxSeconds),
    modifiedUntil: findWhole(filter, 'LastModifyEndTimeStamp', 0, maxSeconds),
    leastBytes: findWhole(filter, 'LowerSizeBound', 0, maxObjectBytes),
    mostBytes: findWhole(filter, 'UpperSizeBound', 0, maxObjectBytes),
    storageClasses: classes === undefined || classes === '' || classes === 'All' ? [] : classes.split(',').toSorted(),
  }
}

function readFields(element: XmlElement | undefined): InventoryField[] {
  if (!element) return []
  allowOnly(element, 'Field')
  const wanted = textsOf(element, 'Field').filter((name) => name !== '')
  const unknown = wanted.find((name) => !fieldNames.some((known) => known === name))
  if (unknown !== undefined) throw malformedXml(say`Field must be one of ${fieldNames.join(', ')}.`)
  if (new Set(wanted).size < wanted.length) throw malformedXml(say`a Field is there twice.`)
  return wanted as InventoryField[]
}

function refuse(reason: Text) {
  return objectError(errors.InvalidArgument, { facts: { reason } })
}

export function describeInventory(inventory: Inventory): object {
  const { filter, encryption } = inventory
  return {
    Id: inventory.id,
    IsEnabled: inventory.isEnabled,
    Destination: {
      OSSBucketDestination: {
        Format: 'CSV',
        AccountId: inventory.accountId,
        RoleArn: inventory.roleArn,
        Bucket: `acs:oss:::${inventory.targetBucket}`,
        Prefix: inventory.targetPrefix,
        Encryption:
          encryption &&
          (encryption.kind === 'SSE-OSS' ? { 'SSE-OSS': '' } : { 'SSE-KMS': { KeyId: encryption.keyId } }),
      },
    },
    Schedule: { Frequency: inventory.frequency },
    Filter: {
      Prefix: filter.prefix,
      LastModifyBeginTimeStamp: filter.modifiedFrom,
      LastModifyEndTimeStamp: filter.modifiedUntil,
      LowerSizeBound: filter.leastBytes,
      UpperSizeBound: filter.mostBytes,
      StorageClass: filter.storageClasses.length > 0 ? filter.storageClasses.join(',') : undefined,
    },
    IncludedObjectVersions: inventory.allVersions ? 'All' : 'Current',
    OptionalFields: { Field: inventory.fields },
  }
}

/** Of a role of the account that has the inventory; an ARN of another account's is a name that no role has. */
export function roleNameOf({ roleArn, accountId }: Pick<Inventory, 'roleArn' | 'accountId'>): string {
  const prefix = `acs:ram::${accountId}:role/`
  return roleArn.startsWith(prefix) ? roleArn.slice(prefix.length) : roleArn
}

/** Whether a list is due: at once, and then when a day or a week (UTC) has begun since the last one. */
export function isInventoryDue({ isEnabled, frequency }: Inventory, lastRunAt: Date | undefined, now: Date): boolean {
  if (!isEnabled || !lastRunAt) return isEnabled
  const days = Math.floor(now.getTime() / dayMs) - Math.floor(lastRunAt.getTime() / dayMs)
  return days >= (frequency === 'Daily' ? 1 : 7)
}

export function isListed({ filter, allVersions }: Inventory, object: StoredObject, isLatest: boolean): boolean {
  const seconds = object.modifiedAt.getTime() / 1000
  return (
    (allVersions || (isLatest && !object.isMarker)) &&
    object.key.startsWith(filter.prefix) &&
    seconds >= (filter.modifiedFrom ?? 0) &&
    seconds <= (filter.modifiedUntil ?? maxSeconds) &&
    object.bytes >= (filter.leastBytes ?? 0) &&
    object.bytes <= (filter.mostBytes ?? maxObjectBytes) &&
    (filter.storageClasses.length === 0 || filter.storageClasses.includes(object.storageClass))
  )
}

/** Names of the columns, in order. */
export function inventorySchema({ allVersions, fields }: Inventory): string[] {
  return ['Bucket', 'Key', ...(allVersions ? ['VersionId', 'IsLatest', 'IsDeleteMarker'] : []), ...fields]
}

/** One line with its line feed; keys are percent-encoded. */
export function inventoryLine(inventory: Inventory, bucket: Bucket, object: StoredObject, isLatest: boolean): string {
  const values: unknown[] = [bucket.name, encodeURIComponent(object.key)]
  if (inventory.allVersions) values.push(shownVersionId(object), isLatest, object.isMarker)
  for (const field of inventory.fields) values.push(object.isMarker ? '' : fieldText(field, bucket, object))
  return `${values.map((value) => `"${String(value).replaceAll('"', '""')}"`).join(',')}\n`
}

function fieldText(field: InventoryField, bucket: Bucket, object: StoredObject): unknown {
  switch (field) {
    case 'Size':
      return object.bytes
    case 'LastModifiedDate':
      return xmlTime(object.modifiedAt)
    case 'ETag':
      return object.etag
    case 'StorageClass':
      return object.storageClass
    case 'IsMultipartUploaded':
      return object.type === 'Multipart'
    case 'EncryptionStatus':
      return object.meta.encryption !== undefined
    case 'ObjectAcl':
      return object.acl ?? bucket.acl
    case 'TaggingCount':
      return object.tags.length
    case 'ObjectType':
      return object.type
    case 'Crc64':
      return object.crc64 ?? ''
  }
}
