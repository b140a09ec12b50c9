import type { Migration } from '@pileus/kernel/store/migrations'

/** How far the MD5 of a whole object has come with a part; only uploads whose parts come in order have it. */
export const runningMd5Migration: Migration = {
  id: 'oss/running-md5',
  sql: 'alter table oss.parts add column running_md5 jsonb;',
}
