import type { Migration } from '@pileus/kernel/store/migrations'

/** When objects of monitored buckets were last read or written; rows go with their bucket. */
export const accessTimesMigration: Migration = {
  id: 'oss/access-times',
  sql: `
    create table oss.access_times (
      bucket_id bigint not null references oss.buckets on delete cascade,
      key text collate "C" not null,
      accessed_at timestamptz not null,
      primary key (bucket_id, key)
    );
  `,
}
