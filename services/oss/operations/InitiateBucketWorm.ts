import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { changeWorm, newWormId, readRetentionDays } from '../worm-operation.ts'

/** Begins a retention policy, or replaces one that is not completed yet. */
export const InitiateBucketWorm = onBucket({
  name: 'InitiateBucketWorm',
  route: { method: 'POST', subresources: ['worm'] },
  permission: 'oss:InitiateBucketWorm',
  async run(context, request) {
    const retentionDays = readRetentionDays(await request.readXml('InitiateWormConfiguration'))
    const wormId = newWormId()
    await changeWorm(context, (before) => {
      if (before?.state === 'Locked') throw objectError(errors.WORMConfigurationLocked)
      return { wormId, state: 'InProgress', retentionDays, createdAt: context.clock.now().toISOString() }
    })
    return { status: 200, headers: { 'x-oss-worm-id': wormId } }
  },
})
