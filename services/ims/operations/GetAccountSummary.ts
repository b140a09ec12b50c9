import * as contract from '@pileus/contract/generated/ims'
import { read } from '../operation.ts'

/** How much of what the account has, and may have. */
export const GetAccountSummary = read(contract.GetAccountSummary, {
  permission: 'ims:GetAccountSummary',
  places: 'nowhere',
  scope: 'global',
  async run(ctx) {
    return { SummaryMap: await ctx.ram.summarize(ctx.db, ctx.accountId) }
  },
})
