import * as contract from '@pileus/contract/generated/residency'
import { isoSeconds } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import type { Outcome } from '@pileus/world/laws'
import { residencyErrors } from '../errors.ts'
import { read } from '../operation.ts'
import { pageOf, tokenAfter } from '../parameters.ts'
import { listDecisions } from '../tables/decisions.ts'

const outcomes: readonly string[] = ['allow', 'conditional', 'deny'] satisfies Outcome[]

/** What the gate decided about the account's data, newest first, with the evidence it used. */
export const ListResidencyDecisions = read(contract.ListResidencyDecisions, {
  permission: 'residency:ListResidencyDecisions',
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const page = pageOf(request)
    if (request.Decision !== undefined && !outcomes.includes(request.Decision)) {
      throw apiError(residencyErrors.InvalidParameter, {
        parameter: 'Decision',
        reason: say`it is one of ${outcomes.join(', ')}.`,
      })
    }
    if (page.after !== undefined && !/^\d{1,15}$/.test(page.after)) {
      throw apiError(residencyErrors.InvalidParameter, {
        parameter: 'NextToken',
        reason: say`it is not a token of this API.`,
      })
    }
    const decision = request.Decision as Outcome | undefined
    const found = await listDecisions(ctx.db, ctx.accountId, { ...page, decision })
    return {
      Decisions: {
        Decision: found.slice(0, page.limit).map((row) => ({
          DecisionId: String(row.decision_id),
          Action: row.action,
          Caller: row.caller,
          FromRegionId: row.from_region_id,
          RegionId: row.region_id,
          Resource: row.resource,
          Decision: row.decision,
          OnDate: row.on_date,
          DataClasses: { DataClass: [...row.evidence.dataClasses] },
          Facts: JSON.stringify(row.evidence.facts),
          Statutes: { StatuteId: [...row.evidence.statutes] },
          Needs: { Need: [...row.evidence.needs] },
          Times: row.times,
          FirstTime: isoSeconds(row.first_at),
          LastTime: isoSeconds(row.last_at),
          LastRequestId: row.last_request_id,
        })),
      },
      ...tokenAfter(found, page.limit, (row) => String(row.decision_id)),
    }
  },
})
