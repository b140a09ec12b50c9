import * as contract from '@pileus/contract/generated/residency'
import { announceChange, write } from '../operation.ts'
import { parseDataClasses, parseResourceArn } from '../parameters.ts'
import { deleteDeclarations } from '../tables/profiles.ts'

/** Takes declarations back; those that are not there do not matter. */
export const UntagDataClasses = write(contract.UntagDataClasses, {
  permission: 'residency:UntagDataClasses',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const resourceArn = parseResourceArn(request.ResourceArn, ctx.accountId)
    const dataClasses = parseDataClasses(request.DataClass)
    await deleteDeclarations(ctx.db, ctx.accountId, { resourceArn, dataClasses })
    await announceChange(ctx)
    return {}
  },
})
