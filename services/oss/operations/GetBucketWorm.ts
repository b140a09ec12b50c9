import { objectError } from '@pileus/kernel/object-protocol'
import { xmlTime } from '../domain/times.ts'
import { currentWorm } from '../domain/worm.ts'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'

export const GetBucketWorm = onBucket({
  name: 'GetBucketWorm',
  route: { method: 'GET', subresources: ['worm'] },
  permission: 'oss:GetBucketWorm',
  async run({ bucket, clock }) {
    const { worm } = bucket.settings
    if (!worm) throw objectError(errors.NoSuchWORMConfiguration, { details: { BucketName: bucket.name } })
    const value = {
      WormId: worm.wormId,
      // Not completed within a day, it has no effect any more.
      State: currentWorm(worm, clock.now()) ? worm.state : 'Expired',
      RetentionPeriodInDays: worm.retentionDays,
      CreationDate: xmlTime(new Date(worm.createdAt)),
    }
    return { status: 200, body: { kind: 'xml', root: 'WormConfiguration', value } }
  },
})
