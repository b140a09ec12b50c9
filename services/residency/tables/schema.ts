import type { ResidencyFacts } from '@pileus/kernel/residency/question'
import { type Db, tablesOf } from '@pileus/kernel/store/store'
import type { Outcome } from '@pileus/world/laws'
import type { Generated, JSONColumnType } from 'kysely'

/** What a decision was made from, so that it can be made again. */
export interface Evidence {
  dataClasses: readonly string[]
  facts: ResidencyFacts
  statutes: readonly string[]
  needs: readonly string[]
}

export interface ResidencyTables {
  'residency.declarations': {
    account_id: string
    resource_arn: string
    data_class: string
    origin: string
    created_at: Date
  }
  'residency.accounts': {
    account_id: string
    facts: JSONColumnType<ResidencyFacts>
    allowed_places: JSONColumnType<readonly string[]> | null
    updated_at: Date
  }
  'residency.decisions': {
    decision_id: Generated<number>
    account_id: string
    fingerprint: string
    action: string
    caller: string
    from_region_id: string
    region_id: string
    resource: string
    decision: Outcome
    on_date: string
    evidence: JSONColumnType<Evidence>
    times: number
    first_at: Date
    last_at: Date
    last_request_id: string
  }
  'residency.report_key': { only_row: Generated<boolean>; public_key: string; sealed_key: Buffer }
}

export function residencyTables(db: Db) {
  return tablesOf<ResidencyTables>(db)
}
