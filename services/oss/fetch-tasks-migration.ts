import type { Migration } from '@pileus/kernel/store/migrations'

/**
 * Tasks that fetch an object from another host. Whoever works on one has moved `due_at` beyond the longest fetch, so
 * that nobody else does, and that a task whose worker died comes back. `stored` is set with the object's row.
 */
export const fetchTasksMigration: Migration = {
  id: 'oss/fetch-tasks',
  sql: `
    create table oss.fetch_tasks (
      task_id text primary key,
      bucket_id bigint not null references oss.buckets on delete cascade,
      task jsonb not null,
      facts jsonb not null,
      state text not null,
      error text not null default '',
      stored jsonb,
      attempts integer not null default 0,
      due_at timestamptz not null,
      created_at timestamptz not null
    );
    create index fetch_tasks_due on oss.fetch_tasks (due_at) where state in ('Running', 'Retry');
    create index fetch_tasks_by_bucket on oss.fetch_tasks (bucket_id, state);
  `,
}
