import * as contract from '@pileus/contract/generated/residency'
import { apiError } from '@pileus/kernel/errors'
import { lockNamed } from '@pileus/kernel/store/store'
import { residencyErrors } from '../errors.ts'
import { announceChange, write } from '../operation.ts'
import { parseDataClasses, parseOrigin, parseResourceArn } from '../parameters.ts'
import { maxDeclarations } from '../profiles.ts'
import { countDeclarations, putDeclarations } from '../tables/profiles.ts'

/** Says what kinds of data the account, or a part of it, holds, and whose law goes with them. */
export const TagDataClasses = write(contract.TagDataClasses, {
  permission: 'residency:TagDataClasses',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const resourceArn = parseResourceArn(request.ResourceArn, ctx.accountId)
    const origin = parseOrigin(request.Origin)
    const classes = parseDataClasses(request.DataClass)
    await lockNamed(ctx.db, `residency:${ctx.accountId}`)
    const at = ctx.clock.now()
    await putDeclarations(
      ctx.db,
      classes.map((dataClass) => ({
        account_id: ctx.accountId,
        resource_arn: resourceArn,
        data_class: dataClass,
        origin,
        created_at: at,
      })),
    )
    if ((await countDeclarations(ctx.db, ctx.accountId)) > maxDeclarations) {
      throw apiError(residencyErrors['LimitExceeded.DataClasses'], { limit: maxDeclarations })
    }
    await announceChange(ctx)
    return {}
  },
})
