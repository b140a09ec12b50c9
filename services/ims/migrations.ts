import type { Migration } from '@pileus/kernel/store/migrations'

/** Identity providers of accounts. They belong to no region. */
export const imsMigrations: readonly Migration[] = [
  {
    id: 'ims/001-providers',
    sql: `
      create schema ims;
      create table ims.oidc_providers (
        account_id text not null references ram.accounts,
        name text not null,
        issuer_url text not null,
        client_ids text[] not null,
        -- SHA-1 of certificates of the issuer, in lower-case hex.
        fingerprints text[] not null,
        -- The oldest token that is taken, by its time of issue.
        issuance_limit_hours integer not null,
        description text not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        constraint oidc_providers_name primary key (account_id, name)
      );
      create table ims.saml_providers (
        account_id text not null references ram.accounts,
        name text not null,
        -- As it was given, decoded.
        metadata text not null,
        description text not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        constraint saml_providers_name primary key (account_id, name)
      );
    `,
  },
]
