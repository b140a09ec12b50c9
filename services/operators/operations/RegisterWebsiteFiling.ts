import * as contract from '@pileus/contract/generated/operators'
import { apiError } from '@pileus/kernel/errors'
import type { AccountId } from '@pileus/kernel/ids'
import { say } from '@pileus/kernel/messages/text'
import { regions } from '@pileus/world/regions'
import { errors } from '../errors.ts'
import { getCallingOperator, write } from '../operation.ts'
import { findCustomer } from '../tables/customers.ts'
import { insertFiling } from '../tables/filings.ts'

const domainPattern = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}$/

/** Records the filing that a customer's website has with the authority, without which it may not be served there. */
export const RegisterWebsiteFiling = write(contract.RegisterWebsiteFiling, {
  permission: 'operators:RegisterWebsiteFiling',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const operator = await getCallingOperator(ctx)
    const domain = request.Domain.toLowerCase()
    if (!domainPattern.test(domain)) {
      throw apiError(errors.InvalidParameter, { parameter: 'Domain', reason: say`"${domain}" is no domain name.` })
    }
    const own = regions.filter(({ id }) => operator.regionIds.includes(id)).map(({ jurisdiction }) => jurisdiction)
    if (!own.includes(request.Jurisdiction)) {
      throw apiError(errors.InvalidParameter, {
        parameter: 'Jurisdiction',
        reason: say`your operator runs regions in ${[...new Set(own)].join(', ')}.`,
      })
    }
    const customer = await findCustomer(ctx.db, request.AccountId as AccountId)
    if (customer?.operator_id !== operator.id) {
      throw apiError(errors['EntityNotExist.Account'], { accountId: request.AccountId })
    }
    const isNew = await insertFiling(ctx.db, {
      domain,
      jurisdiction: request.Jurisdiction,
      filing_number: request.FilingNumber,
      account_id: request.AccountId,
      operator_id: operator.id,
      created_at: ctx.clock.now(),
    })
    if (!isNew) throw apiError(errors['EntityAlreadyExist.Filing'], { domain, jurisdiction: request.Jurisdiction })
    return {}
  },
})
