import { say } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { invalid } from '../domain/headers.ts'
import { findChild, findText, getText, malformedXml } from '../domain/xml.ts'
import { errors } from '../errors.ts'
import { getTarget, versionHeader, versionOf } from '../find-target.ts'
import { onObject } from '../operation.ts'
import { updateVersion } from '../tables/objects.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** How long thawing takes, by storage class and tier. */
const thawMs: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Archive: { Standard: minuteMs },
  ColdArchive: { Expedited: hourMs, Standard: 5 * hourMs, Bulk: 12 * hourMs },
  DeepColdArchive: { Expedited: 12 * hourMs, Standard: 48 * hourMs },
}

export const RestoreObject = onObject({
  name: 'RestoreObject',
  route: { method: 'POST', subresources: ['restore'] },
  permission: 'oss:RestoreObject',
  async run(context, request) {
    const { store, bucket, key, clock } = context
    const root = await request.findXml('RestoreRequest')
    const days = root ? Number(getText(root, 'Days')) : 1
    const parameters = root && findChild(root, 'JobParameters')
    const tier = (parameters && findText(parameters, 'Tier')?.trim()) || 'Standard'
    if (!Number.isInteger(days) || days < 1 || days > 365) throw malformedXml(say`Days must be 1 to 365.`)
    const object = await getTarget(context, request)
    const durations = thawMs[object.storageClass]
    if (!durations) {
      throw objectError(errors.OperationNotSupported, { facts: { reason: say`it is not archived.` } })
    }
    if (parameters && object.storageClass === 'Archive')
      throw malformedXml(say`an Archive object has no JobParameters.`)
    const duration = durations[tier]
    if (duration === undefined) {
      throw invalid('Tier', tier, say`Tier must be one of ${Object.keys(durations).join(', ')}.`)
    }
    const now = clock.now()
    const before = object.restore
    if (before && new Date(before.readyAt) > now) throw objectError(errors.RestoreAlreadyInProgress)
    const isThawed = before !== undefined && new Date(before.until) > now
    const readyAt = isThawed ? new Date(before.readyAt) : new Date(now.getTime() + duration)
    const from = isThawed ? now : readyAt
    const restore = {
      readyAt: readyAt.toISOString(),
      until: new Date(from.getTime() + days * 24 * hourMs).toISOString(),
    }
    await updateVersion(store.pool, bucket.bucketId, key, versionOf(request), { restore })
    const priority: Record<string, string> =
      object.storageClass === 'Archive' || isThawed ? {} : { 'x-oss-object-restore-priority': tier }
    return { status: isThawed ? 200 : 202, headers: { ...priority, ...versionHeader(context, object) } }
  },
})
