import * as contract from '@pileus/contract/generated/actiontrail'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { lockNamed } from '@pileus/kernel/store/store'
import { checkBucket } from '../bucket-check.ts'
import { askToPass, maxTrails, parseSettings, parseTrailName, settingsAnswer } from '../domain/trail.ts'
import { errors } from '../errors.ts'
import { getTrail } from '../get-trail.ts'
import { trailPart, write } from '../operation.ts'
import { insertTrail, listTrails } from '../tables/trails.ts'

/** Makes a trail, which delivers nothing until StartLogging. */
export const CreateTrail = write(contract.CreateTrail, {
  permission: 'actiontrail:CreateTrail',
  resources: (request) => [trailPart(request.Name)],
  alsoAsks: (request, accountId) => askToPass(request.OssWriteRoleArn, accountId),
  // Each delivery asks the residency gate: only then is it known which region's events go where.
  places: 'nowhere',
  async run(ctx, request) {
    const name = parseTrailName(request.Name)
    if (request.IsOrganizationTrail) {
      throw apiError(errors.InvalidQueryParameter, {
        parameter: 'IsOrganizationTrail',
        reason: say`this cloud has trails of single accounts only; leave it out.`,
      })
    }
    const none = { eventRw: 'Write', trailRegion: 'All', bucket: '', keyPrefix: '', writeRoleArn: '' } as const
    const settings = parseSettings(request, none, ctx.hosted)
    if (settings.bucket === '') throw apiError(commonErrors.MissingParameter, { parameter: 'OssBucketName' })
    await checkBucket(ctx, settings.bucket)
    const key = { accountId: ctx.accountId, homeRegionId: ctx.regionId, name }
    await lockNamed(ctx.db, `actiontrail.trails/${key.accountId}/${key.homeRegionId}`)
    const existing = await listTrails(ctx.db, key)
    if (existing.some((trail) => trail.name === name)) throw apiError(errors.TrailAlreadyExistsException, { name })
    if (existing.length >= maxTrails)
      throw apiError(errors.MaximumNumberOfTrailsExceededException, { limit: maxTrails })
    await insertTrail(ctx.db, key, settings, ctx.clock.now())
    return settingsAnswer(await getTrail(ctx, name))
  },
})
