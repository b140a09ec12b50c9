import { type Clock, isoSeconds } from '@pileus/kernel/clock'
import type { AccountId } from '@pileus/kernel/ids'
import { findFilingStatute } from '@pileus/kernel/residency/duties'
import type { OperatorsPort } from '@pileus/operators/port'
import { findRegion } from '@pileus/world/regions'

/** Finds the law by which a domain has to be filed before the account serves it from a region; undefined if it may. */
export function websiteFilings(operators: OperatorsPort, clock: Clock) {
  return async (accountId: AccountId, domain: string, regionId: string): Promise<string | undefined> => {
    const jurisdiction = findRegion(regionId)?.jurisdiction ?? ''
    const statute = findFilingStatute(jurisdiction, isoSeconds(clock.now()).slice(0, 10))
    if (!statute || (await operators.mayServe(accountId, domain, jurisdiction))) return undefined
    return `${statute.citation} [${statute.id}]`
  }
}
