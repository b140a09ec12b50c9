import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { changeWorm } from '../worm-operation.ts'

/** Removes a retention policy that is not completed. */
export const AbortBucketWorm = onBucket({
  name: 'AbortBucketWorm',
  route: { method: 'DELETE', subresources: ['worm'] },
  permission: 'oss:AbortBucketWorm',
  async run(context) {
    await changeWorm(context, (before) => {
      if (before?.state === 'Locked') throw objectError(errors.WORMConfigurationLocked)
      return undefined
    })
    return { status: 204 }
  },
})
