import * as contract from '@pileus/contract/generated/residency'
import { isoSeconds } from '@pileus/kernel/clock'
import { explain } from '@pileus/kernel/residency/explain'
import { residencyReason } from '@pileus/kernel/residency/reason'
import { checked, read } from '../operation.ts'
import { jurisdictionOf, parseDataClasses, parseFacts } from '../parameters.ts'
import { maxDeclarations } from '../profiles.ts'
import { getSettings, listDeclarations } from '../tables/profiles.ts'

/**
 * What law says of a transfer. Without `DataClass` it is about the classes declared of the whole account; `Facts` are
 * added to those that are known of it.
 */
export const ExplainResidency = read(contract.ExplainResidency, {
  permission: 'residency:ExplainResidency',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const declared = await listDeclarations(ctx.db, ctx.accountId, { resourceArn: '', limit: maxDeclarations })
    const dataClasses = request.DataClass?.length
      ? parseDataClasses(request.DataClass)
      : declared.map((row) => row.data_class)
    const { facts } = await getSettings(ctx.db, ctx.accountId)
    const question = {
      from: jurisdictionOf(request.From),
      to: jurisdictionOf(request.To),
      dataClasses,
      on: request.OnDate ?? isoSeconds(ctx.clock.now()).slice(0, 10),
      facts: { ...facts, ...parseFacts(request.Facts) },
    }
    const found = checked(() => explain(question))
    return {
      Decision: found.decision,
      Reason: residencyReason(found, ctx.language),
      OnDate: found.on,
      LocalCopyRequired: found.localCopyRequired,
      Statutes: {
        Statute: found.statutes.map((one) => ({
          StatuteId: one.id,
          Title: one.title,
          Citation: one.citation,
          Status: one.status,
          Confidence: one.confidence,
          Decision: one.decision,
          Needs: {
            Need: one.needs.map((need) => ({
              Need: need.need,
              StatuteId: need.statuteId,
              Description: need.says,
              Options: { Option: [...(need.options ?? [])] },
            })),
          },
        })),
      },
      Needs: { Need: [...found.needs] },
      Routes: { Route: [...found.routes] },
      Warnings: { StatuteId: [...found.warnings] },
      Duties: { Duty: [...found.duties] },
    }
  },
})
