import { type Clock, isoSeconds } from '@pileus/kernel/clock'
import type { AccountId } from '@pileus/kernel/ids'
import { findFilingStatute } from '@pileus/kernel/residency/duties'
import type { OperatorsPort } from '@pileus/operators/port'
import { findRegion } from '@pileus/world/regions'

export function websiteFilings(operators: OperatorsPort, clock: Clock) {
  const jurisdictionOf = (regionId: string): string => findRegion(regionId)?.jurisdiction ?? ''
  return {
    /** The law by which a domain has to be filed before the account serves it from a region; undefined if it may. */
    async findFilingLaw(accountId: AccountId, domain: string, regionId: string): Promise<string | undefined> {
      const jurisdiction = jurisdictionOf(regionId)
      const statute = findFilingStatute(jurisdiction, isoSeconds(clock.now()).slice(0, 10))
      if (!statute || (await operators.mayServe(accountId, domain, jurisdiction))) return undefined
      return `${statute.citation} [${statute.id}]`
    },
    isFiled: (accountId: AccountId, domain: string, regionId: string): Promise<boolean> =>
      operators.isFiled(accountId, domain, jurisdictionOf(regionId)),
  }
}
