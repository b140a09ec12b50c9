import { isoSeconds } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import { say } from '@pileus/kernel/messages/text'
import type { AdditionalQuestion } from '@pileus/kernel/operation'
import { errors } from '../errors.ts'

/** Events of which kind a trail delivers. */
export type EventRw = 'Write' | 'Read' | 'All'

/** Most trails of an account in a region. */
export const maxTrails = 5

export interface TrailSettings {
  eventRw: EventRw
  /** `All`, or region ids separated by commas. */
  trailRegion: string
  bucket: string
  /** May be empty. */
  keyPrefix: string
  writeRoleArn: string
}

export interface Trail extends TrailSettings {
  accountId: string
  name: string
  homeRegionId: string
  isLogging: boolean
  /** As JSON, as its owner gave it. */
  dataEventSelectors: string | undefined
  createdAt: Date
  updatedAt: Date
  startedAt: Date | undefined
  stoppedAt: Date | undefined
  deliveredAt: Date | undefined
}

/** @throws InvalidTrailNameException */
export function parseTrailName(name: string): string {
  if (!/^[a-z][a-z0-9_-]{5,35}$/.test(name)) throw apiError(errors.InvalidTrailNameException)
  return name
}

interface SettingsRequest {
  EventRW?: string | undefined
  TrailRegion?: string | undefined
  OssBucketName?: string | undefined
  OssKeyPrefix?: string | undefined
  OssWriteRoleArn?: string | undefined
  SlsProjectArn?: string | undefined
  MaxComputeProjectArn?: string | undefined
}

/** The settings that a request asks for; what it leaves out stays as in `before`. @throws UnsupportedDestination, … */
export function parseSettings(request: SettingsRequest, before: TrailSettings, hosted: HostedRegions): TrailSettings {
  for (const parameter of ['SlsProjectArn', 'MaxComputeProjectArn'] as const) {
    if (request[parameter]) throw apiError(errors.UnsupportedDestination, { parameter })
  }
  const eventRw = request.EventRW || before.eventRw
  if (eventRw !== 'Write' && eventRw !== 'Read' && eventRw !== 'All') {
    throw apiError(errors.InvalidQueryParameter, { parameter: 'EventRW', reason: say`it must be Write, Read or All.` })
  }
  const keyPrefix = request.OssKeyPrefix ?? before.keyPrefix
  if (keyPrefix !== '' && !/^[A-Za-z][A-Za-z0-9_/-]{5,31}$/.test(keyPrefix)) {
    throw apiError(errors.InvalidPrefixException)
  }
  const trailRegion = request.TrailRegion || before.trailRegion
  if (trailRegion !== 'All') for (const regionId of trailRegion.split(',')) hosted.get(regionId)
  return {
    eventRw,
    trailRegion,
    keyPrefix,
    bucket: request.OssBucketName || before.bucket,
    writeRoleArn: request.OssWriteRoleArn ?? before.writeRoleArn,
  }
}

/** The role that every trail has which names none: it is the platform's, and bound to what trails do. */
const serviceLinkedRole = 'aliyunserviceroleforactiontrail'

/** Name of the role in whose name the account's events are delivered; undefined for the platform's own. */
export function writeRoleOf(arn: string | undefined, accountId: string): string | undefined {
  if (!arn) return undefined
  // A role of another account's is one that this account does not have.
  const name = arn.replace(`acs:ram::${accountId}:role/`, '')
  return name.toLowerCase() === serviceLinkedRole ? undefined : name
}

/** Whoever gives a trail a role gives its rights to whoever changes the trail. */
export function askToPass(arn: string | undefined, accountId: string): AdditionalQuestion[] {
  const name = writeRoleOf(arn, accountId)
  return name === undefined ? [] : [{ permission: 'ram:PassRole', resources: [`acs:ram:*:${accountId}:role/${name}`] }]
}

/** Regions whose events the trail delivers. */
export function regionsOf(trail: TrailSettings, hosted: HostedRegions): string[] {
  return trail.trailRegion === 'All' ? hosted.regions.map((region) => region.id) : trail.trailRegion.split(',')
}

/** Settings as the wire writes them. */
export function settingsAnswer(trail: Trail) {
  return {
    Name: trail.name,
    HomeRegion: trail.homeRegionId,
    EventRW: trail.eventRw,
    TrailRegion: trail.trailRegion,
    OssBucketName: trail.bucket,
    OssKeyPrefix: trail.keyPrefix,
    OssWriteRoleArn: trail.writeRoleArn,
    SlsProjectArn: '',
    SlsWriteRoleArn: '',
    MaxComputeProjectArn: '',
    MaxComputeWriteRoleArn: '',
  }
}

export function trailArn(trail: Trail): string {
  return `acs:actiontrail:${trail.homeRegionId}:${trail.accountId}:trail/${trail.name}`
}

/** A time, or the empty text that the wire has where there is none. */
export function timeAnswer(at: Date | undefined): string {
  return at ? isoSeconds(at) : ''
}

/**
 * Where the events of a delivery go: named by their place in the log, so that a repeated delivery overwrites itself.
 * @see docs/sources.md#actiontrail
 */
export function deliveryKey(trail: TrailSettings, regionId: string, firstAt: Date, from: number, to: number): string {
  const stamp = firstAt.toISOString().slice(0, 19).replace(/[-:T]/g, '')
  const day = firstAt.toISOString().slice(0, 10).replaceAll('-', '/')
  const prefix = trail.keyPrefix === '' ? '' : `${trail.keyPrefix.replace(/\/+$/, '')}/`
  return `${prefix}AliyunLogs/Actiontrail/${regionId}/${day}/Actiontrail_${regionId}_${stamp}_${from}_${to}.gz`
}
