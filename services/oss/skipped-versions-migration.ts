import type { Migration } from '@pileus/kernel/store/migrations'

/** How many versions a replication rule left out because it does not cover them, and why. */
export const skippedVersionsMigration: Migration = {
  id: 'oss/skipped-versions',
  sql: `alter table oss.replication_rules add column skipped_count bigint not null default 0, add column skipped_reason text`,
}
