import * as contract from '@pileus/contract/generated/operators'
import { apiError } from '@pileus/kernel/errors'
import { errors } from '../errors.ts'
import { getCallingOperator, write } from '../operation.ts'
import { deleteFiling } from '../tables/filings.ts'

/** Forgets a filing, such as one that the authority withdrew. */
export const RemoveWebsiteFiling = write(contract.RemoveWebsiteFiling, {
  permission: 'operators:RemoveWebsiteFiling',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const operator = await getCallingOperator(ctx)
    const where = { domain: request.Domain.toLowerCase(), jurisdiction: request.Jurisdiction }
    if (!(await deleteFiling(ctx.db, operator.id, where))) throw apiError(errors['EntityNotExist.Filing'], where)
    return {}
  },
})
