import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { changeWorm, getWorm } from '../worm-operation.ts'

/** Locks the retention policy: from now on nobody can shorten or remove it. */
export const CompleteBucketWorm = onBucket({
  name: 'CompleteBucketWorm',
  route: { method: 'POST', subresources: ['wormId'] },
  permission: 'oss:CompleteBucketWorm',
  async run(context, { query }) {
    await changeWorm(context, (before) => {
      const worm = getWorm(context, before, query.get('wormId'))
      if (worm.state === 'Locked') throw objectError(errors.WORMConfigurationLocked)
      return { ...worm, state: 'Locked' }
    })
    return { status: 200 }
  },
})
