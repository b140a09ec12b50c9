import { objectError } from '@pileus/kernel/object-protocol'
import { changeSetting } from '../bucket-settings.ts'
import { readLogging } from '../domain/access-log.ts'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { requirePassRole } from '../service-roles.ts'

const writesLogs = { permission: 'oss:PutObject', places: true } as const

/**
 * Logs go to a bucket of the same account and region; `reconcilers/access-logs.ts` delivers them. Whoever asks for it
 * must be allowed to write to another bucket than this, and to pass the role if one is named.
 */
export const PutBucketLogging = onBucket({
  name: 'PutBucketLogging',
  route: { method: 'PUT', subresources: ['logging'] },
  permission: 'oss:PutBucketLogging',
  async run(context, request) {
    const { bucket, buckets } = context
    const logging = readLogging(await request.readXml('BucketLoggingStatus'))
    if (logging) {
      const target = await buckets.find(logging.targetBucket)
      const fault =
        target?.accountId !== bucket.accountId
          ? `no bucket "${logging.targetBucket.slice(0, 63)}" of this account exists.`
          : target.regionId !== bucket.regionId
            ? `it is in ${target.regionId}, and this bucket is in ${bucket.regionId}.`
            : undefined
      if (fault) throw objectError(errors.InvalidTargetBucketForLogging, { facts: { reason: fault } })
      const { targetBucket, targetPrefix, role } = logging
      if (targetBucket !== bucket.name) {
        await context.mayAlso(writesLogs, { bucket: targetBucket, key: `${targetPrefix}*` })
      }
      if (role !== undefined) await requirePassRole(context, request, role)
    }
    await changeSetting(context, 'logging', logging)
    return { status: 200 }
  },
})
