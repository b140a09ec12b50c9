import type { Migration } from '@pileus/kernel/store/migrations'

/** Who runs regions, and what they may do to their customers. Belongs to no region. */
export const operatorsMigrations: readonly Migration[] = [
  {
    id: 'operators/001-operators',
    sql: `
      create schema operators;
      -- An operator acts through an account of its own; its administrators are RAM users there.
      create table operators.enrolments (
        operator_id text primary key,
        account_id text not null unique,
        enrolled_at timestamptz not null
      );
      create table operators.customers (
        account_id text primary key,
        operator_id text not null,
        identity_status text not null check (identity_status in ('Unverified', 'Verified', 'Rejected')),
        -- Where the evidence lies, such as a case number; never the evidence itself.
        identity_reference text not null,
        created_at timestamptz not null
      );
      create index customers_of_operator on operators.customers (operator_id, account_id);
      create table operators.filings (
        domain text not null,
        jurisdiction text not null,
        filing_number text not null,
        account_id text not null,
        operator_id text not null,
        created_at timestamptz not null,
        primary key (domain, jurisdiction)
      );
      create index filings_of_operator on operators.filings (operator_id, domain, jurisdiction);
      create table operators.emergency_accesses (
        id text primary key,
        account_id text not null,
        region_id text not null,
        reason text not null,
        status text not null check (status in ('Requested', 'Approved', 'Rejected', 'Revoked')),
        duration_minutes integer not null,
        requested_by text not null,
        requested_by_operator text not null,
        requested_at timestamptz not null,
        decided_by text,
        decided_by_operator text,
        decided_at timestamptz,
        ended_by text,
        -- Set by the approval; access ends then whatever the status says.
        expires_at timestamptz
      );
      create index emergency_accesses_of_account on operators.emergency_accesses (account_id, id);
      create index emergency_accesses_of_region on operators.emergency_accesses (region_id, id);
    `,
  },
  {
    id: 'operators/002-requester-id',
    sql: `
      -- The user's id: a name can be changed, and given to another.
      alter table operators.emergency_accesses add column requested_by_id text;
    `,
  },
]
