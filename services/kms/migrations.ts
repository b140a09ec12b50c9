import type { Migration } from '@pileus/kernel/store/migrations'

/** Keys and secrets. What is secret is sealed under the region's root key, or under a key that is. */
export const migrations: readonly Migration[] = [
  {
    id: 'kms/001-keys',
    sql: `
      create schema kms;
      create table kms.keys (
        key_id uuid primary key,
        account_id text not null,
        region_id text not null,
        key_spec text not null,
        key_usage text not null,
        origin text not null,
        description text not null,
        -- ARN of who made it, or the service that uses it.
        creator text not null,
        -- Set on keys that a product of the cloud made for itself.
        service text,
        state text not null check (state in ('Enabled', 'Disabled', 'PendingDeletion', 'PendingImport')),
        delete_at timestamptz,
        is_protected boolean not null default false,
        protection_note text not null default '',
        policy text,
        primary_version_id uuid not null,
        -- Null: no automatic rotation.
        rotation_seconds integer,
        next_rotation_at timestamptz,
        last_rotated_at timestamptz,
        material_expires_at timestamptz,
        created_at timestamptz not null
      );
      create index keys_owner on kms.keys (account_id, region_id, key_id);
      create unique index keys_service on kms.keys (account_id, region_id, service) where service is not null;
      create index keys_due on kms.keys (least(delete_at, next_rotation_at, material_expires_at));
      create table kms.key_versions (
        version_id uuid primary key,
        key_id uuid not null references kms.keys on delete cascade,
        region_id text not null,
        -- Null: imported material that was not imported yet, or was deleted.
        sealed_material bytea,
        -- Of asymmetric keys: PEM.
        public_key text,
        -- Of imported material: what it must be again once it was deleted.
        imported_digest text,
        created_at timestamptz not null
      );
      create index key_versions_key on kms.key_versions (key_id, created_at, version_id);
      create table kms.aliases (
        account_id text not null,
        region_id text not null,
        alias_name text not null,
        key_id uuid not null references kms.keys on delete cascade,
        primary key (account_id, region_id, alias_name)
      );
      create index aliases_key on kms.aliases (key_id);
    `,
  },
  {
    id: 'kms/002-secrets',
    sql: `
      create table kms.secrets (
        secret_id uuid primary key,
        account_id text not null,
        region_id text not null,
        secret_name text not null,
        -- The customer's key; null: the key that KMS keeps for secrets of the account.
        encryption_key_id uuid,
        description text not null,
        policy text,
        delete_at timestamptz,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        constraint secrets_name unique (account_id, region_id, secret_name)
      );
      create index secrets_due on kms.secrets (delete_at);
      create table kms.secret_versions (
        secret_id uuid not null references kms.secrets on delete cascade,
        version_id text not null,
        stages text[] not null,
        data_type text not null,
        -- Under the secret's key; see domain/ciphertext.ts.
        wrapped_data bytea not null,
        created_at timestamptz not null,
        primary key (secret_id, version_id)
      );
    `,
  },
]
