/** Replication rules of a bucket. @see docs/sources.md#oss */
import { say } from '@pileus/kernel/messages/text'
import { objectError, type XmlElement } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { allowOnly, childrenOf, malformedXml, textsOf } from './xml.ts'
import { findOnly, findValue, findWord, getOnly, getValue } from './xml-values.ts'

export interface ReplicationDocument {
  /** As it was given, such as `ALL` or `PUT`. */
  action: string
  targetBucket: string
  targetRegionId: string
  transferType: 'internal' | 'oss_acc' | undefined
  isHistorical: boolean
  role: string | undefined
  /** Whether objects encrypted under customer keys are replicated too, and under which key there. */
  replicatesEncrypted: boolean
  replicaKeyId: string | undefined
  /** Whether the document said the former at all, so that it is given back. */
  namesEncrypted?: boolean
  isTimeControlled: boolean
}

export interface ReplicationRule extends ReplicationDocument {
  bucketId: number
  ruleId: string
  /** Empty for all keys. */
  prefixes: string[]
  status: 'starting' | 'doing' | 'closing'
}

const maxPrefixes = 10
const actions = ['ALL', 'PUT', 'DELETE', 'ABORT']

/** One rule. @throws MalformedXML, InvalidArgument */
export function readReplication(
  root: XmlElement,
): ReplicationDocument & { ruleId: string | undefined; prefixes: string[] } {
  allowOnly(root, 'Rule')
  const [rule, ...more] = childrenOf(root, 'Rule')
  if (!rule || more.length > 0) throw malformedXml(say`it must have one Rule.`)
  allowOnly(
    rule,
    ...['ID', 'RTC', 'PrefixSet', 'Action', 'Destination', 'HistoricalObjectReplication', 'SyncRole', 'Status'],
    ...['SourceSelectionCriteria', 'EncryptionConfiguration'],
  )
  const destination = getOnly(rule, 'Destination')
  allowOnly(destination, 'Bucket', 'Location', 'TransferType')
  const criteria = findOnly(rule, 'SourceSelectionCriteria')
  const encrypted = criteria && findOnly(criteria, 'SseKmsEncryptedObjects')
  const encryption = findOnly(rule, 'EncryptionConfiguration')
  const rtc = findOnly(rule, 'RTC')
  const role = findValue(rule, 'SyncRole') || undefined
  const status = encrypted && findWord(encrypted, 'Status', ['Enabled', 'Disabled'])
  // Customer keys are used in the name of the role: without one, encrypted objects stay where they are.
  const replicatesEncrypted = status === 'Enabled' && role !== undefined
  const keyId = encryption && (findValue(encryption, 'ReplicaKmsKeyID') || undefined)
  const replicaKeyId = status === 'Disabled' || role === undefined ? undefined : keyId
  if (replicatesEncrypted && replicaKeyId === undefined) {
    throw objectError(errors.InvalidArgument, {
      facts: { reason: say`SseKmsEncryptedObjects needs ReplicaKmsKeyID, a key of the region of the target.` },
    })
  }
  return {
    ruleId: findValue(rule, 'ID') || undefined,
    prefixes: readPrefixes(findOnly(rule, 'PrefixSet')),
    action: readAction(findValue(rule, 'Action')),
    targetBucket: getValue(destination, 'Bucket'),
    targetRegionId: readLocation(getValue(destination, 'Location')),
    transferType: findWord(destination, 'TransferType', ['internal', 'oss_acc']),
    isHistorical: (findWord(rule, 'HistoricalObjectReplication', ['enabled', 'disabled']) ?? 'enabled') === 'enabled',
    role,
    replicatesEncrypted,
    replicaKeyId,
    namesEncrypted: status !== undefined && role !== undefined,
    isTimeControlled: !!rtc && findWord(rtc, 'Status', ['enabled', 'disabled']) === 'enabled',
  }
}

function readPrefixes(set: XmlElement | undefined): string[] {
  if (!set) return []
  allowOnly(set, 'Prefix')
  const prefixes = textsOf(set, 'Prefix').filter((prefix) => prefix !== '')
  if (prefixes.length > maxPrefixes) throw malformedXml(say`PrefixSet may have ${maxPrefixes} prefixes.`)
  for (const [index, prefix] of prefixes.entries()) {
    if (Buffer.byteLength(prefix) > 1023) throw malformedXml(say`a Prefix is longer than a key.`)
    if (prefixes.some((other, at) => at !== index && prefix.startsWith(other))) {
      throw objectError(errors.InvalidArgument, {
        facts: {
          reason: say`The prefix "${prefix.slice(0, 100)}" is within another prefix of the rule. Leave it out.`,
        },
      })
    }
  }
  return prefixes
}

function readAction(text: string | undefined): string {
  const action = text || 'ALL'
  if (action.split(',').every((one) => actions.includes(one.trim()))) return action
  throw objectError(errors.InvalidArgument, { facts: { reason: say`Action must be some of ${actions.join(', ')}.` } })
}

function readLocation(location: string): string {
  return location.replace(/^oss-/, '')
}

/** Whether deletions are replicated too. */
export function replicatesDeletions({ action }: Pick<ReplicationDocument, 'action'>): boolean {
  return action.split(',').some((one) => one.trim() === 'ALL' || one.trim() === 'DELETE')
}

export function describeReplicationRule(rule: ReplicationRule): object {
  return {
    ID: rule.ruleId,
    RTC: { Status: rule.isTimeControlled ? 'enabled' : 'disabled' },
    PrefixSet: rule.prefixes.length === 0 ? undefined : { Prefix: rule.prefixes },
    Action: rule.action,
    Destination: {
      Bucket: rule.targetBucket,
      Location: `oss-${rule.targetRegionId}`,
      TransferType: rule.transferType ?? 'internal',
    },
    Status: rule.status,
    HistoricalObjectReplication: rule.isHistorical ? 'enabled' : 'disabled',
    SyncRole: rule.role,
    SourceSelectionCriteria:
      rule.replicatesEncrypted || rule.namesEncrypted
        ? { SseKmsEncryptedObjects: { Status: rule.replicatesEncrypted ? 'Enabled' : 'Disabled' } }
        : undefined,
    EncryptionConfiguration: rule.replicaKeyId === undefined ? undefined : { ReplicaKmsKeyID: rule.replicaKeyId },
  }
}
