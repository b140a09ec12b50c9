import * as contract from '@pileus/contract/generated/actiontrail'
import { isoSeconds } from '@pileus/kernel/clock'
import { parseLookup, tokenOf } from '../domain/lookup.ts'
import { read } from '../operation.ts'
import { lookUp } from '../tables/lookup.ts'

/** The account's management events in the region of the call. Global products' events are in the default region. */
export const LookupEvents = read(contract.LookupEvents, {
  permission: 'actiontrail:LookupEvents',
  places: 'nowhere',
  async run(ctx, request) {
    const question = parseLookup(request, ctx.clock.now())
    const found = await lookUp(ctx.db, ctx, question)
    const last = found.at(-1)
    return {
      StartTime: isoSeconds(question.start),
      EndTime: isoSeconds(question.end),
      ...(last && found.length === question.limit ? { NextToken: tokenOf(last.index) } : {}),
      Events: found.map((entry) => JSON.parse(entry.body) as Record<string, unknown>),
    }
  },
})
