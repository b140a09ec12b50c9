import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { changeWorm, getWorm, readRetentionDays } from '../worm-operation.ts'

/** Lengthens a locked retention policy; objects that are there are kept longer too. */
export const ExtendBucketWorm = onBucket({
  name: 'ExtendBucketWorm',
  route: { method: 'POST', subresources: ['wormExtend', 'wormId'] },
  permission: 'oss:ExtendBucketWorm',
  async run(context, request) {
    const retentionDays = readRetentionDays(await request.readXml('ExtendWormConfiguration'))
    await changeWorm(context, (before) => {
      const worm = getWorm(context, before, request.query.get('wormId'))
      const fault =
        worm.state !== 'Locked'
          ? 'it is not locked yet; complete it first, or abort it and begin another.'
          : retentionDays <= worm.retentionDays
            ? `RetentionPeriodInDays must be more than ${worm.retentionDays}.`
            : undefined
      if (fault) throw objectError(errors.InvalidWORMConfiguration, { facts: { reason: fault } })
      return { ...worm, retentionDays }
    })
    return { status: 200 }
  },
})
