import * as contract from '@pileus/contract/generated/residency'
import { read } from '../operation.ts'

/** Where everything of the account lies, as a signed JSON document that `pileus residency verify-report` checks. */
export const GenerateResidencyReport = read(contract.GenerateResidencyReport, {
  permission: 'residency:GenerateResidencyReport',
  places: 'nowhere',
  scope: 'global',
  async run(ctx) {
    const signed = await ctx.reporter.generate(ctx.accountId)
    return { Report: JSON.stringify(signed), PublicKey: signed.signature.publicKey }
  },
})
