/** What others ask of operators. */
import type { AccountId } from '@pileus/kernel/ids'

export interface OperatorsPort {
  /** Whether somebody has still to show who they are before a law that asks for it lets them in. */
  isUnverified(accountId: AccountId): boolean | Promise<boolean>
  /**
   * Whether the account may serve a website under the domain where the law asks for a filing. Accounts that no
   * operator brought in are the installation's own, which answers for them itself.
   */
  mayServe(accountId: AccountId, domain: string, jurisdiction: string): Promise<boolean>
  /** Whether an operator has recorded a filing of the account's for the domain, or for one that it is part of. */
  isFiled(accountId: AccountId, domain: string, jurisdiction: string): Promise<boolean>
  /** The region that an emergency access opens now; undefined when it is over, or there is none. */
  findOpenRegion(emergencyAccessId: string): Promise<string | undefined>
}
