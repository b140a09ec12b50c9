import * as contract from '@pileus/contract/generated/ecs'
import { parseAutoReleaseTime } from '../domain/plan-instances.ts'
import { write } from '../operation.ts'
import { lockInstance, updateInstance } from '../tables/instances.ts'

/** Sets when the instance is deleted by itself; without a time, it stays. */
export const ModifyInstanceAutoReleaseTime = write(contract.ModifyInstanceAutoReleaseTime, {
  permission: 'ecs:ModifyInstanceAutoReleaseTime',
  resources: (request) => [`instance/${request.InstanceId}`],
  places: 'nowhere',
  async run(ctx, request) {
    const text = request.AutoReleaseTime
    const at = text ? parseAutoReleaseTime(text, ctx.clock.now()) : null
    const row = await lockInstance(ctx.db, ctx, request.InstanceId)
    await updateInstance(ctx.db, row.id, { auto_release_at: at })
    return {}
  },
})
