import type { Migration } from '@pileus/kernel/store/migrations'

/** Bytes that a scrub has found damaged, and when the last scrub ended. Rows of bytes that nothing holds mean nothing. */
export const damageMigration: Migration = {
  id: 'oss/012-damage',
  sql: `
    create table oss.damaged (
      location text collate "C" primary key,
      reason text not null,
      found_at timestamptz not null
    );
    create table oss.scrubs (
      only_row boolean primary key default true check (only_row),
      ended_at timestamptz not null
    );
  `,
}
