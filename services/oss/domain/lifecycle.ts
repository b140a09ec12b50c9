/**
 * Lifecycle rules: reading and checking them. What they do to objects is in `lifecycle-plan.ts`.
 * @see docs/sources.md#oss
 */

import { createHash } from 'node:crypto'
import { say, type Text } from '@pileus/kernel/messages/text'
import { objectError, type XmlElement } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import type { StorageClass, Tag } from './bucket.ts'
import { tagCharacters } from './headers.ts'
import { xmlTime } from './times.ts'
import { allowOnly, childrenOf, findChild, malformedXml } from './xml.ts'
import { findFlag, findOnly, findValue, findWhole, getValue, getWhole, getWord } from './xml-values.ts'

/** Days since an object was last written, or all objects written before a day; ISO times at midnight UTC. */
export type LifecycleWhen = { days: number } | { createdBefore: string } | { from: string }

export type ColderClass = Exclude<StorageClass, 'Standard'>

export interface Transition {
  when: LifecycleWhen
  storageClass: ColderClass
  /** Days count from when the object was last used. */
  byAccess?: { smallFiles: boolean }
}

export interface LifecycleRule {
  id: string
  prefix: string
  isEnabled: boolean
  tags: Tag[]
  /** Objects that are left out, by prefix and perhaps a tag. */
  except: { prefix: string; tag: Tag | undefined }[]
  /** Objects with more bytes than this, and with fewer. */
  largerThanBytes: number | undefined
  smallerThanBytes: number | undefined
  expiration: LifecycleWhen | { markerOnly: true } | undefined
  transitions: Transition[]
  abort: LifecycleWhen | undefined
  /** Days since a version stopped being the current one. */
  noncurrentExpirationDays: number | undefined
  noncurrentTransitions: { days: number; storageClass: ColderClass }[]
}

/** From warm to cold. */
export const classOrder: readonly StorageClass[] = ['Standard', 'IA', 'Archive', 'ColdArchive', 'DeepColdArchive']
const colderClasses = ['IA', 'Archive', 'ColdArchive', 'DeepColdArchive'] as const

const maxRules = 1000
const maxIdBytes = 255
const maxDays = 36_500
const maxObjectBytes = 5 * 1024 ** 4

/** @throws MalformedXML, InvalidArgument, NotImplemented for what asks for the time of the last access */
export function readLifecycle(root: XmlElement, mayOverlap: boolean): LifecycleRule[] {
  allowOnly(root, 'Rule')
  const elements = childrenOf(root, 'Rule')
  if (elements.length === 0 || elements.length > maxRules)
    throw malformedXml(say`there must be 1 to ${maxRules} rules.`)
  const rules = elements.map(readRule)
  const seen = new Set<string>()
  for (const { id } of rules) {
    if (seen.has(id)) throw refuse(say`Two rules have the ID "${id}". Give each rule an ID of its own.`)
    seen.add(id)
  }
  if (!mayOverlap) refuseOverlaps(rules)
  return rules
}

function readRule(element: XmlElement, index: number): LifecycleRule {
  // Older clients say the Days or the Date of their Expiration once more in the rule itself.
  allowOnly(
    element,
    ...['Days', 'Date', 'ID', 'Prefix', 'Status', 'Tag', 'Filter', 'Expiration', 'Transition', 'AbortMultipartUpload'],
    ...['NoncurrentVersionExpiration', 'NoncurrentVersionTransition', 'AtimeBase'],
  )
  const prefix = findOnly(element, 'Prefix')?.text ?? ''
  const id = findValue(element, 'ID') || generatedId(prefix, index)
  if (Buffer.byteLength(id) > maxIdBytes) throw refuse(say`The ID of a rule has up to ${maxIdBytes} bytes.`)
  if (Buffer.byteLength(prefix) > 1023) throw refuse(say`The Prefix of rule "${id}" is longer than a key.`)
  const noncurrent = findOnly(element, 'NoncurrentVersionExpiration')
  if (noncurrent) allowOnly(noncurrent, 'NoncurrentDays')
  const rule: LifecycleRule = {
    id,
    prefix,
    isEnabled: getWord(element, 'Status', ['Enabled', 'Disabled']) === 'Enabled',
    tags: readTags(element),
    ...readFilter(findOnly(element, 'Filter'), prefix),
    expiration: readExpiration(findOnly(element, 'Expiration')),
    transitions: childrenOf(element, 'Transition').map(readTransition),
    abort: readAbort(findOnly(element, 'AbortMultipartUpload')),
    noncurrentExpirationDays: noncurrent && getWhole(noncurrent, 'NoncurrentDays', 1, maxDays),
    noncurrentTransitions: childrenOf(element, 'NoncurrentVersionTransition').map(readNoncurrentTransition),
  }
  checkRule(rule)
  return rule
}

/** The same for the same document, so that a repeated PUT changes nothing. */
function generatedId(prefix: string, index: number): string {
  const hex = createHash('sha256').update(`${index} ${prefix}`).digest('hex')
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function readTags(element: XmlElement): Tag[] {
  const tags = childrenOf(element, 'Tag').map(readTag)
  // Longer or more tags than an object can have are taken, as the vendor does: such a rule finds nothing.
  const odd = tags.find(({ key, value }) => !tagCharacters.test(key) || !tagCharacters.test(value))
  if (odd) throw refuse(say`The tag "${odd.key.slice(0, 128)}" holds characters that tags may not have.`)
  if (new Set(tags.map((tag) => tag.key)).size < tags.length) throw refuse(say`A rule has the same tag key twice.`)
  return tags
}

function readTag(element: XmlElement): Tag {
  allowOnly(element, 'Key', 'Value')
  return { key: getValue(element, 'Key'), value: findChild(element, 'Value')?.text ?? '' }
}

function readFilter(
  filter: XmlElement | undefined,
  rulePrefix: string,
): Pick<LifecycleRule, 'except' | 'largerThanBytes' | 'smallerThanBytes'> {
  if (!filter) return { except: [], largerThanBytes: undefined, smallerThanBytes: undefined }
  allowOnly(filter, 'Not', 'ObjectSizeGreaterThan', 'ObjectSizeLessThan')
  const except = childrenOf(filter, 'Not').map((not) => {
    allowOnly(not, 'Prefix', 'Tag')
    const prefix = findOnly(not, 'Prefix')?.text ?? ''
    const tag = findOnly(not, 'Tag')
    if (!prefix.startsWith(rulePrefix)) throw refuse(say`The Prefix of Not must begin with the Prefix of its rule.`)
    if (prefix === rulePrefix && !tag)
      throw refuse(say`Not leaves out all objects of its rule. Give it a longer Prefix.`)
    return { prefix, tag: tag && readTag(tag) }
  })
  const largerThanBytes = findWhole(filter, 'ObjectSizeGreaterThan', 0, maxObjectBytes)
  const smallerThanBytes = findWhole(filter, 'ObjectSizeLessThan', 1, maxObjectBytes)
  if (largerThanBytes !== undefined && smallerThanBytes !== undefined && largerThanBytes >= smallerThanBytes) {
    throw refuse(say`ObjectSizeGreaterThan must be less than ObjectSizeLessThan.`)
  }
  return { except, largerThanBytes, smallerThanBytes }
}

function readWhen(element: XmlElement, ...also: 'Date'[]): LifecycleWhen | undefined {
  const days = findWhole(element, 'Days', 1, maxDays)
  const createdBefore = readMidnight(element, 'CreatedBeforeDate')
  const from = also.includes('Date') ? readMidnight(element, 'Date') : undefined
  const given = [
    ...(days === undefined ? [] : [{ days }]),
    ...(createdBefore === undefined ? [] : [{ createdBefore }]),
    ...(from === undefined ? [] : [{ from }]),
  ]
  if (given.length > 1) throw malformedXml(say`${element.name} has more than one of Days, CreatedBeforeDate and Date.`)
  return given[0]
}

function readMidnight(element: XmlElement, name: string): string | undefined {
  const value = findValue(element, name)
  if (value === undefined) return undefined
  const isMidnight = /^\d{4}-\d\d-\d\dT00:00:00(?:\.000)?Z$/.test(value)
  const at = Date.parse(value)
  if (!isMidnight || Number.isNaN(at)) {
    throw refuse(say`${name} must be midnight UTC in the form 2026-02-23T00:00:00.000Z.`)
  }
  return new Date(at).toISOString()
}

function readExpiration(element: XmlElement | undefined): LifecycleRule['expiration'] {
  if (!element) return undefined
  allowOnly(element, 'Days', 'CreatedBeforeDate', 'Date', 'ExpiredObjectDeleteMarker')
  const when = readWhen(element, 'Date')
  const markerOnly = findFlag(element, 'ExpiredObjectDeleteMarker') === true
  if (markerOnly && when) throw malformedXml(say`ExpiredObjectDeleteMarker cannot be used with Days or a date.`)
  if (markerOnly) return { markerOnly }
  if (!when) throw malformedXml(say`Expiration has none of Days, CreatedBeforeDate and ExpiredObjectDeleteMarker.`)
  return when
}

function readAbort(element: XmlElement | undefined): LifecycleWhen | undefined {
  if (!element) return undefined
  allowOnly(element, 'Days', 'CreatedBeforeDate')
  const when = readWhen(element)
  if (!when) throw malformedXml(say`AbortMultipartUpload has neither Days nor CreatedBeforeDate.`)
  return when
}

function readTransition(element: XmlElement): LifecycleRule['transitions'][number] {
  allowOnly(
    element,
    ...['Days', 'CreatedBeforeDate', 'StorageClass', 'IsAccessTime', 'ReturnToStdWhenVisit', 'AllowSmallFile'],
  )
  refuseReturn(element)
  const when = readWhen(element)
  if (!when) throw malformedXml(say`Transition has neither Days nor CreatedBeforeDate.`)
  const storageClass = readColderClass(element)
  const smallFiles = findFlag(element, 'AllowSmallFile') ?? true
  if (!findFlag(element, 'IsAccessTime')) return { when, storageClass }
  if (!('days' in when) || storageClass !== 'IA') {
    throw refuse(say`A Transition by the time of access has Days and goes to IA.`)
  }
  return { when, storageClass, byAccess: { smallFiles } }
}

function readNoncurrentTransition(element: XmlElement): LifecycleRule['noncurrentTransitions'][number] {
  allowOnly(element, ...['NoncurrentDays', 'StorageClass', 'IsAccessTime', 'ReturnToStdWhenVisit', 'AllowSmallFile'])
  refuseReturn(element)
  if (findFlag(element, 'IsAccessTime')) throw notImplemented(`IsAccessTime of ${element.name}`)
  return {
    days: getWhole(element, 'NoncurrentDays', 1, maxDays),
    storageClass: readColderClass(element),
  }
}

function readColderClass(element: XmlElement): ColderClass {
  const value = getValue(element, 'StorageClass')
  const storageClass = colderClasses.find((one) => one === value)
  if (!storageClass) throw refuse(say`StorageClass must be one of ${colderClasses.join(', ')}.`)
  return storageClass
}

function refuseReturn(element: XmlElement): void {
  if (findFlag(element, 'ReturnToStdWhenVisit')) throw notImplemented(`ReturnToStdWhenVisit of ${element.name}`)
}

function notImplemented(what: string) {
  return objectError(errors.NotImplemented, { facts: { what } })
}

/** What the parts of one rule must be to each other. */
function checkRule(rule: LifecycleRule): void {
  const { expiration, transitions, noncurrentTransitions, abort, tags, id } = rule
  const hasAction =
    expiration || abort || transitions.length > 0 || noncurrentTransitions.length > 0 || rule.noncurrentExpirationDays
  if (!hasAction) throw malformedXml(say`rule "${id}" has no action.`)
  if (abort && tags.length > 0) throw refuse(say`AbortMultipartUpload cannot be used in a rule with Tag.`)
  if (expiration && 'markerOnly' in expiration && tags.length > 0) {
    throw refuse(say`ExpiredObjectDeleteMarker cannot be used in a rule with Tag.`)
  }
  const days = transitions.flatMap(({ when, storageClass }) =>
    'days' in when ? [{ days: when.days, storageClass }] : [],
  )
  const dated = [...transitions.map(({ when }) => when), ...(expiration ? [expiration] : [])]
  const kinds = new Set(dated.filter((when) => !('markerOnly' in when)).map((when) => 'days' in when))
  if (kinds.size > 1) {
    const reason = say`Expiration and Transition of rule "${id}" must both use Days, or both a date.`
    throw objectError(errors.InvalidRequest, { facts: { reason } })
  }
  refuseDisorder(days)
  refuseDisorder(noncurrentTransitions)
  if (expiration && 'days' in expiration) {
    for (const step of days) {
      if (step.days >= expiration.days)
        throw refuse(say`Days of a Transition must be less than Days of the Expiration.`)
    }
  }
  for (const step of noncurrentTransitions) {
    if (rule.noncurrentExpirationDays !== undefined && step.days >= rule.noncurrentExpirationDays) {
      throw refuse(say`NoncurrentDays of a transition must be less than those of the expiration.`)
    }
  }
}

/** Colder classes come later, and each once. */
function refuseDisorder(steps: readonly { days: number; storageClass: ColderClass }[]): void {
  const sorted = steps.toSorted((a, b) => classOrder.indexOf(a.storageClass) - classOrder.indexOf(b.storageClass))
  for (const [index, step] of sorted.entries()) {
    const before = sorted[index - 1]
    if (!before) continue
    if (before.storageClass === step.storageClass)
      throw refuse(say`Two transitions of a rule go to ${step.storageClass}.`)
    if (before.days >= step.days)
      throw refuse(say`The transition to ${step.storageClass} must come after the one before it.`)
  }
}

/** Two rules must not say the same action about the same objects. @throws InvalidArgument */
function refuseOverlaps(rules: readonly LifecycleRule[]): void {
  for (const [index, rule] of rules.entries()) {
    for (const other of rules.slice(0, index)) {
      if (!rule.prefix.startsWith(other.prefix) && !other.prefix.startsWith(rule.prefix)) continue
      if (tagText(rule) !== tagText(other)) continue
      const action = actionsOf(rule).find((one) => actionsOf(other).includes(one))
      if (action === undefined) continue
      throw refuse(say`Overlap for same action type ${action}`)
    }
  }
}

function tagText({ tags }: LifecycleRule): string {
  return JSON.stringify(tags.map(({ key, value }) => [key, value]).toSorted())
}

function actionsOf(rule: LifecycleRule): string[] {
  return [
    ...(rule.expiration ? ['markerOnly' in rule.expiration ? 'ExpiredObjectDeleteMarker' : 'Expiration'] : []),
    ...rule.transitions.map((one) => `Transition to ${one.storageClass}`),
    ...(rule.abort ? ['AbortMultipartUpload'] : []),
    ...(rule.noncurrentExpirationDays === undefined ? [] : ['NoncurrentVersionExpiration']),
    ...rule.noncurrentTransitions.map((one) => `NoncurrentVersionTransition to ${one.storageClass}`),
  ]
}

function refuse(reason: Text) {
  return objectError(errors.InvalidArgument, { facts: { reason } })
}

export function describeLifecycle(rules: readonly LifecycleRule[]): object {
  return { Rule: rules.map(describeRule) }
}

function describeRule(rule: LifecycleRule): object {
  const { expiration, except, largerThanBytes, smallerThanBytes } = rule
  const hasFilter = except.length > 0 || largerThanBytes !== undefined || smallerThanBytes !== undefined
  return {
    ID: rule.id,
    Prefix: rule.prefix,
    Status: rule.isEnabled ? 'Enabled' : 'Disabled',
    Tag: rule.tags.map(describeTag),
    Filter: hasFilter
      ? {
          Not: except.map(({ prefix, tag }) => ({ Prefix: prefix, Tag: tag && describeTag(tag) })),
          ObjectSizeGreaterThan: largerThanBytes,
          ObjectSizeLessThan: smallerThanBytes,
        }
      : undefined,
    Expiration:
      expiration && ('markerOnly' in expiration ? { ExpiredObjectDeleteMarker: true } : describeWhen(expiration)),
    Transition: rule.transitions.map(({ when, storageClass, byAccess }) => ({
      ...describeWhen(when),
      StorageClass: storageClass,
      ...(byAccess ? { IsAccessTime: true, ReturnToStdWhenVisit: false, AllowSmallFile: byAccess.smallFiles } : {}),
    })),
    AbortMultipartUpload: rule.abort && describeWhen(rule.abort),
    NoncurrentVersionExpiration:
      rule.noncurrentExpirationDays === undefined ? undefined : { NoncurrentDays: rule.noncurrentExpirationDays },
    NoncurrentVersionTransition: rule.noncurrentTransitions.map(({ days, storageClass }) => ({
      NoncurrentDays: days,
      StorageClass: storageClass,
    })),
  }
}

function describeTag({ key, value }: Tag): object {
  return { Key: key, Value: value }
}

function describeWhen(when: LifecycleWhen): object {
  if ('days' in when) return { Days: when.days }
  return 'from' in when
    ? { Date: xmlTime(new Date(when.from)) }
    : { CreatedBeforeDate: xmlTime(new Date(when.createdBefore)) }
}
