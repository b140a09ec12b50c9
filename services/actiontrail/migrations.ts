import type { Migration } from '@pileus/kernel/store/migrations'

/**
 * `inbox` is where records are made durable, by many processes and inside other products' transactions. One sequencer
 * per region moves them to `entries`, which gives them their index for good, and grows the tree in the same
 * transaction. `begun` holds writes whose outcome is not known yet. Bodies are text, not documents: their bytes are
 * what was hashed.
 */
export const actiontrailMigrations: readonly Migration[] = [
  {
    id: 'actiontrail/001-log',
    sql: `
      create schema actiontrail;
      create table actiontrail.inbox (
        id bigint generated always as identity primary key,
        region_id text not null,
        account_id text,
        event_id uuid not null,
        event_time timestamptz not null,
        body text not null
      );
      create index inbox_by_region on actiontrail.inbox (region_id, id);
      create table actiontrail.begun (
        event_id uuid primary key,
        region_id text not null,
        account_id text,
        event_time timestamptz not null,
        begun_at timestamptz not null default now(),
        body text not null
      );
      create index begun_at on actiontrail.begun (begun_at);
      create table actiontrail.logs (
        region_id text primary key,
        origin text not null,
        verifier_key text not null,
        sealed_key bytea not null,
        size bigint not null,
        checkpoint text not null
      );
      create table actiontrail.tiles (
        region_id text not null,
        level int not null,
        index bigint not null,
        hashes bytea not null,
        primary key (region_id, level, index)
      );
      create table actiontrail.entries (
        region_id text not null,
        index bigint not null,
        account_id text,
        event_id uuid not null,
        event_time timestamptz not null,
        service_name text,
        event_name text,
        event_rw text,
        event_category text,
        user_name text,
        access_key_id text,
        resource_type text,
        resource_names text[] not null,
        body text not null,
        primary key (region_id, index)
      );
      create index entries_by_account on actiontrail.entries (account_id, region_id, event_time, index);
      create index entries_by_event on actiontrail.entries (event_id);
    `,
  },
  {
    // A span is a stretch of one region's log that a trail delivers. While `to_index` is set, exactly the entries up to
    // it are on their way, under a name that repeats when the delivery is repeated.
    id: 'actiontrail/002-trails',
    sql: `
      drop index actiontrail.entries_by_account;
      create index entries_by_account on actiontrail.entries (account_id, region_id, index);
      create table actiontrail.trails (
        account_id text not null,
        name text not null,
        home_region_id text not null,
        event_rw text not null,
        trail_region text not null,
        bucket text not null,
        key_prefix text not null,
        write_role_arn text not null,
        is_logging boolean not null default false,
        data_event_selectors text,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        started_at timestamptz,
        stopped_at timestamptz,
        delivered_at timestamptz,
        primary key (account_id, name)
      );
      create table actiontrail.spans (
        id bigint generated always as identity primary key,
        account_id text not null,
        name text not null,
        region_id text not null,
        next_index bigint not null,
        to_index bigint,
        end_index bigint,
        error text,
        foreign key (account_id, name) references actiontrail.trails (account_id, name) on delete cascade
      );
      create index spans_by_trail on actiontrail.spans (account_id, name, region_id);
    `,
  },
  {
    // A trail belongs to its region: the same name in another region is another trail.
    id: 'actiontrail/003-trails-by-region',
    sql: `
      alter table actiontrail.spans drop constraint spans_account_id_name_fkey;
      alter table actiontrail.trails drop constraint trails_pkey;
      alter table actiontrail.trails add primary key (account_id, home_region_id, name);
      alter table actiontrail.spans add column home_region_id text;
      update actiontrail.spans s set home_region_id = t.home_region_id
        from actiontrail.trails t where t.account_id = s.account_id and t.name = s.name;
      alter table actiontrail.spans alter column home_region_id set not null;
      alter table actiontrail.spans add foreign key (account_id, home_region_id, name)
        references actiontrail.trails (account_id, home_region_id, name) on delete cascade;
      drop index actiontrail.spans_by_trail;
      create index spans_by_trail on actiontrail.spans (account_id, home_region_id, name, region_id);
    `,
  },
]
