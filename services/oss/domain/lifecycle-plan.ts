/**
 * What lifecycle rules do to the versions of a key, as a pure function. Days are whole: what is due in the course of a
 * day happens from the midnight (UTC) after it. A deletion goes before a transition; of several transitions that are
 * due the coldest counts; nothing is ever made warmer.
 */
import type { StorageClass, Tag } from './bucket.ts'
import { classOrder, type LifecycleRule, type LifecycleWhen } from './lifecycle.ts'

const dayMs = 86_400_000
/** Smaller objects are small files, in bytes. */
const smallFileBytes = 64 * 1024

/** What rules look at. Versions of a key come newest first. */
export interface LifecycleVersion {
  versionSeq: number
  versionId: string | undefined
  isMarker: boolean
  bytes: number
  tags: readonly Tag[]
  storageClass: StorageClass
  modifiedAt: Date
  /** Since when the object was not used; undefined where that is not noted. */
  idleSince?: Date | undefined
}

export type LifecycleAction =
  /** Deletes the current version as a DELETE without version does: for good, or behind a marker. */
  | { kind: 'expire'; versionSeq: number }
  | { kind: 'remove'; versionSeq: number; versionId: string | undefined }
  | { kind: 'transition'; versionSeq: number; storageClass: StorageClass }

/** What is to be done to the versions of one key at `now`. */
export function planKey(
  rules: readonly LifecycleRule[],
  key: string,
  versions: readonly LifecycleVersion[],
  now: Date,
): LifecycleAction[] {
  const enabled = rules.filter((rule) => rule.isEnabled && key.startsWith(rule.prefix))
  if (enabled.length === 0) return []
  const actions: LifecycleAction[] = []
  let newer: LifecycleVersion | undefined
  for (const version of versions) {
    const matching = enabled.filter((rule) => covers(rule, key, version))
    const action = newer
      ? planNoncurrent(matching, version, newer.modifiedAt, now)
      : version.isMarker
        ? versions.length === 1 && planMarker(matching, version)
        : planCurrent(matching, version, now)
    if (action) actions.push(action)
    newer = version
  }
  return actions
}

/** Whether a multipart upload is to be aborted. */
export function isUploadDue(rules: readonly LifecycleRule[], key: string, initiatedAt: Date, now: Date): boolean {
  return rules.some(
    (rule) =>
      rule.isEnabled &&
      rule.abort !== undefined &&
      key.startsWith(rule.prefix) &&
      !rule.except.some((one) => one.tag === undefined && key.startsWith(one.prefix)) &&
      isDue(rule.abort, initiatedAt, now),
  )
}

function planCurrent(
  rules: readonly LifecycleRule[],
  version: LifecycleVersion,
  now: Date,
): LifecycleAction | undefined {
  const { versionSeq, modifiedAt } = version
  const expires = rules.some(
    ({ expiration }) => expiration && !('markerOnly' in expiration) && isDue(expiration, modifiedAt, now),
  )
  if (expires) return { kind: 'expire', versionSeq }
  const due = rules.flatMap((rule) =>
    rule.transitions.filter((one) => {
      if (!one.byAccess) return isDue(one.when, modifiedAt, now)
      const isTooSmall = !one.byAccess.smallFiles && version.bytes < smallFileBytes
      return !isTooSmall && version.idleSince !== undefined && isDue(one.when, version.idleSince, now)
    }),
  )
  return planTransition(version, due)
}

function planNoncurrent(
  rules: readonly LifecycleRule[],
  version: LifecycleVersion,
  sinceAt: Date,
  now: Date,
): LifecycleAction | undefined {
  const { versionSeq, versionId } = version
  const expires = rules.some(
    ({ noncurrentExpirationDays: days }) => days !== undefined && isDue({ days }, sinceAt, now),
  )
  if (expires) return { kind: 'remove', versionSeq, versionId }
  if (version.isMarker) return undefined
  const due = rules.flatMap((rule) => rule.noncurrentTransitions.filter((one) => isDue(one, sinceAt, now)))
  return planTransition(version, due)
}

function planMarker(rules: readonly LifecycleRule[], version: LifecycleVersion): LifecycleAction | undefined {
  const removes = rules.some(({ expiration }) => expiration && 'markerOnly' in expiration)
  return removes ? { kind: 'remove', versionSeq: version.versionSeq, versionId: version.versionId } : undefined
}

function planTransition(
  version: LifecycleVersion,
  due: readonly { storageClass: StorageClass }[],
): LifecycleAction | undefined {
  const target = Math.max(-1, ...due.map((one) => classOrder.indexOf(one.storageClass)))
  const storageClass = classOrder[target]
  if (storageClass === undefined || target <= classOrder.indexOf(version.storageClass)) return undefined
  return { kind: 'transition', versionSeq: version.versionSeq, storageClass }
}

function covers(rule: LifecycleRule, key: string, version: LifecycleVersion): boolean {
  const { largerThanBytes, smallerThanBytes, tags, except } = rule
  if (!version.isMarker && largerThanBytes !== undefined && version.bytes <= largerThanBytes) return false
  if (!version.isMarker && smallerThanBytes !== undefined && version.bytes >= smallerThanBytes) return false
  if (!tags.every((tag) => hasTag(version, tag))) return false
  return !except.some(({ prefix, tag }) => key.startsWith(prefix) && (tag === undefined || hasTag(version, tag)))
}

function hasTag({ tags }: Pick<LifecycleVersion, 'tags'>, wanted: Tag): boolean {
  return tags.some(({ key, value }) => key === wanted.key && value === wanted.value)
}

function isDue(when: LifecycleWhen, since: Date, now: Date): boolean {
  if ('createdBefore' in when) {
    return since.getTime() < Date.parse(when.createdBefore) && now.getTime() >= Date.parse(when.createdBefore)
  }
  if ('from' in when) return now.getTime() >= Date.parse(when.from)
  return now.getTime() >= Math.ceil((since.getTime() + when.days * dayMs) / dayMs) * dayMs
}
