import type { Migration } from '@pileus/kernel/store/migrations'

/** What accounts say of their data, and what the gate decided. Belongs to no region: the gates of all regions ask it. */
export const residencyMigrations: readonly Migration[] = [
  {
    id: 'residency/001-residency',
    sql: `
      create schema residency;
      create table residency.declarations (
        account_id text not null,
        -- Beginning of an ARN; '' for all of the account.
        resource_arn text collate "C" not null,
        data_class text not null,
        -- Whose law goes with the data wherever it is; '' when it is only that of the place.
        origin text not null,
        created_at timestamptz not null,
        primary key (account_id, resource_arn, data_class)
      );
      create table residency.accounts (
        account_id text primary key,
        facts jsonb not null default '{}',
        -- Regions and jurisdictions; null when everywhere is allowed.
        allowed_places jsonb,
        updated_at timestamptz not null
      );
      create table residency.decisions (
        decision_id bigint generated always as identity primary key,
        account_id text not null,
        -- Everything but times and request ids; equal decisions of a day are one row.
        fingerprint text not null unique,
        action text not null,
        caller text not null,
        from_region_id text not null,
        region_id text not null,
        resource text not null,
        decision text not null check (decision in ('allow', 'conditional', 'deny')),
        on_date text not null,
        evidence jsonb not null,
        times bigint not null,
        first_at timestamptz not null,
        last_at timestamptz not null,
        last_request_id text not null
      );
      create index decisions_of_account on residency.decisions (account_id, decision_id desc);
      create table residency.report_key (
        only_row boolean primary key default true check (only_row),
        public_key text not null,
        sealed_key bytea not null
      );
    `,
  },
]
