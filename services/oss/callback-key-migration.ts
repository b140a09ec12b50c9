import type { Migration } from '@pileus/kernel/store/migrations'

/** The key that signs upload callbacks, the same for all processes; its private half is sealed. */
export const callbackKeyMigration: Migration = {
  id: 'oss/010-callback-key',
  sql: `
    create table oss.callback_key (
      only_row boolean primary key default true check (only_row),
      sealed_private_key bytea not null,
      public_key text not null
    );
  `,
}
