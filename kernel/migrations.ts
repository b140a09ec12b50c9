import type { Migration } from './store/migrations.ts'

/** The kernel's own tables. */
export const kernelMigrations: readonly Migration[] = [
  {
    id: 'kernel/001-cell',
    sql: `
      create table kernel.cell (
        only_row boolean primary key default true check (only_row),
        cell_id text not null
      );
      create table kernel.nonces (
        access_key_id text not null,
        nonce text not null,
        valid_until timestamptz not null,
        primary key (access_key_id, nonce)
      );
      create index nonces_valid_until on kernel.nonces (valid_until);
      create table kernel.client_tokens (
        account_id text not null,
        region_id text not null,
        action text not null,
        token text not null,
        request_hash text not null,
        response jsonb,
        created_at timestamptz not null,
        primary key (account_id, region_id, action, token)
      );
      create index client_tokens_created_at on kernel.client_tokens (created_at);
      create table kernel.tags (
        account_id text not null,
        region_id text not null,
        product text not null,
        resource_type text not null,
        resource_id text not null,
        key text not null,
        value text not null,
        primary key (product, resource_type, resource_id, key)
      );
      create index tags_by_value on kernel.tags (account_id, region_id, product, resource_type, key, value, resource_id);
    `,
  },
]
