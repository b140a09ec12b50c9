import { type Db, tablesOf } from '@pileus/kernel/store/store'

export interface OperatorsTables {
  'operators.enrolments': { operator_id: string; account_id: string; enrolled_at: Date }
  'operators.customers': {
    account_id: string
    operator_id: string
    identity_status: IdentityStatus
    identity_reference: string
    created_at: Date
  }
  'operators.filings': {
    domain: string
    jurisdiction: string
    filing_number: string
    account_id: string
    operator_id: string
    created_at: Date
  }
  'operators.emergency_accesses': {
    id: string
    account_id: string
    region_id: string
    reason: string
    status: 'Requested' | 'Approved' | 'Rejected' | 'Revoked'
    duration_minutes: number
    requested_by: string
    /** Null in rows of before it was kept. */
    requested_by_id: string | null
    requested_by_operator: string
    requested_at: Date
    decided_by: string | null
    decided_by_operator: string | null
    decided_at: Date | null
    ended_by: string | null
    expires_at: Date | null
  }
}

export type IdentityStatus = 'Unverified' | 'Verified' | 'Rejected'

export function operatorsTables(db: Db) {
  return tablesOf<OperatorsTables>(db)
}
