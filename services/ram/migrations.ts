import type { Migration } from '@pileus/kernel/store/migrations'

/** Accounts and identities. They belong to no region. */
export const migrations: readonly Migration[] = [
  {
    id: 'ram/001-identities',
    sql: `
      create schema ram;
      create table ram.accounts (
        account_id text primary key,
        alias text unique,
        -- The account made at the first start of this installation.
        is_first boolean not null default false,
        created_at timestamptz not null
      );
      create unique index accounts_first on ram.accounts (is_first) where is_first;
      create table ram.users (
        user_id text primary key,
        account_id text not null references ram.accounts,
        user_name text not null,
        display_name text not null,
        email text not null,
        mobile_phone text not null,
        comments text not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        constraint users_name unique (account_id, user_name)
      );
      create table ram.access_keys (
        access_key_id text primary key,
        account_id text not null references ram.accounts,
        -- Null: a key of the account itself.
        user_id text references ram.users,
        sealed_secret bytea not null,
        status text not null check (status in ('Active', 'Inactive')),
        created_at timestamptz not null,
        last_used_at timestamptz
      );
      create index access_keys_owner on ram.access_keys (account_id, user_id);
      create table ram.groups (
        group_id text primary key,
        account_id text not null references ram.accounts,
        group_name text not null,
        comments text not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        constraint groups_name unique (account_id, group_name)
      );
      create table ram.group_members (
        group_id text not null references ram.groups,
        user_id text not null references ram.users,
        joined_at timestamptz not null,
        constraint group_members_once primary key (group_id, user_id)
      );
      create index group_members_user on ram.group_members (user_id);
      create table ram.roles (
        role_id text primary key,
        account_id text not null references ram.accounts,
        role_name text not null,
        description text not null,
        trust_policy text not null,
        max_session_seconds integer not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        constraint roles_name unique (account_id, role_name)
      );
      create table ram.policies (
        policy_id text primary key,
        account_id text not null references ram.accounts,
        policy_name text not null,
        description text not null,
        default_version integer not null,
        -- Version numbers are never used twice.
        last_version integer not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        constraint policies_name unique (account_id, policy_name)
      );
      create table ram.policy_versions (
        policy_id text not null references ram.policies on delete cascade,
        version integer not null,
        document text not null,
        created_at timestamptz not null,
        primary key (policy_id, version)
      );
      create table ram.attachments (
        account_id text not null references ram.accounts,
        entity_type text not null check (entity_type in ('user', 'group', 'role')),
        entity_id text not null,
        policy_type text not null check (policy_type in ('System', 'Custom')),
        policy_name text not null,
        attached_at timestamptz not null,
        constraint attachments_once primary key (entity_id, policy_type, policy_name)
      );
      create index attachments_policy on ram.attachments (account_id, policy_type, policy_name);
    `,
  },
  {
    id: 'ram/002-login-profiles',
    sql: `
      create table ram.login_profiles (
        user_id text primary key references ram.users,
        -- scrypt; see domain/passwords.ts.
        password_hash text not null,
        mfa_bind_required boolean not null,
        password_reset_required boolean not null,
        created_at timestamptz not null
      );
    `,
  },
  {
    id: 'ram/003-mfa-devices',
    sql: `
      create table ram.mfa_devices (
        account_id text not null references ram.accounts,
        device_name text not null,
        sealed_seed bytea not null,
        -- Whose second factor it is; null until it is bound.
        user_id text unique references ram.users,
        activated_at timestamptz,
        -- The last time step whose code was taken: none counts twice.
        last_step bigint,
        created_at timestamptz not null,
        constraint mfa_devices_name primary key (account_id, device_name)
      );
      create table ram.security_preferences (
        account_id text primary key references ram.accounts,
        -- What was set, by the names of the API; the rest is as the vendor's defaults.
        preferences jsonb not null
      );
    `,
  },
  {
    id: 'ram/004-snapshots',
    sql: 'create sequence ram.snapshot_versions as bigint;',
  },
]
