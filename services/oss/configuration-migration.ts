/**
 * What the configurations of buckets need in the database: how far their workers have come, and two triggers that are
 * there so that every write, by whichever function, is counted and handed to the replicator in its own transaction.
 *
 * `stat_steps` takes one row per written version and is folded into `stats` every few seconds: one hot row per bucket
 * would make writers wait for each other. `replication_queue` holds versions that changed; the replicator looks up
 * what has become of them. Its own writes set `oss.replica` and so are not queued again.
 */
import type { Migration } from '@pileus/kernel/store/migrations'

export const configurationMigration: Migration = {
  id: 'oss/bucket-configuration',
  sql: `
    create table oss.lifecycle_runs (
      bucket_id bigint primary key references oss.buckets on delete cascade,
      day timestamptz not null,
      phase text not null,
      after_key text collate "C" not null
    );

    -- One step of the plan, unless the version is no longer what and where the plan saw it.
    create function oss.apply_lifecycle(a_bucket bigint, a_key text, a_seq bigint, a_kind text, a_at timestamptz,
      a_version_id text, a_class text) returns void language plpgsql as $$
    declare
      its_id text;
    begin
      if oss.hold(a_bucket, a_key) = 'gone' then
        return;
      end if;
      if a_kind = 'transition' then
        update oss.objects set storage_class = a_class, restore = null
          where bucket_id = a_bucket and key = a_key and version_seq = a_seq;
        update oss.versions set storage_class = a_class, restore = null
          where bucket_id = a_bucket and key = a_key and version_seq = a_seq;
      elsif a_kind = 'expire' then
        if exists (select 1 from oss.objects o where o.bucket_id = a_bucket and o.key = a_key
          and o.version_seq = a_seq) then
          perform oss.delete_object(a_bucket, a_key, a_at, a_version_id);
        end if;
      else
        select v.version_id into its_id from oss.versions v where v.bucket_id = a_bucket and v.key = a_key
          and v.version_seq = a_seq;
        if found then
          perform oss.delete_version(a_bucket, a_key, its_id);
        end if;
      end if;
    end $$;

    create table oss.stats (
      bucket_id bigint not null references oss.buckets on delete cascade,
      storage_class text not null,
      objects bigint not null,
      bytes bigint not null,
      markers bigint not null,
      primary key (bucket_id, storage_class)
    );
    create table oss.stat_steps (
      bucket_id bigint not null,
      storage_class text not null,
      objects integer not null,
      bytes bigint not null,
      markers integer not null
    );
    insert into oss.stats
      select bucket_id, storage_class, count(*) filter (where not is_marker), sum(bytes),
        count(*) filter (where is_marker)
      from (
        select bucket_id, storage_class, bytes, false as is_marker from oss.objects
        union all select bucket_id, storage_class, bytes, is_marker from oss.versions
      ) as held group by 1, 2;

    create function oss.count_object() returns trigger language plpgsql as $$
    begin
      if tg_op = 'INSERT' then
        insert into oss.stat_steps values (new.bucket_id, new.storage_class, 1, new.bytes, 0);
        return new;
      end if;
      if tg_op = 'DELETE' then
        insert into oss.stat_steps values (old.bucket_id, old.storage_class, -1, -old.bytes, 0);
        return old;
      end if;
      if old.storage_class <> new.storage_class then
        insert into oss.stat_steps values (old.bucket_id, old.storage_class, -1, -old.bytes, 0),
          (new.bucket_id, new.storage_class, 1, new.bytes, 0);
      elsif old.bytes <> new.bytes then
        insert into oss.stat_steps values (new.bucket_id, new.storage_class, 0, new.bytes - old.bytes, 0);
      end if;
      return new;
    end $$;
    create function oss.count_version() returns trigger language plpgsql as $$
    begin
      if tg_op <> 'INSERT' then
        insert into oss.stat_steps values (old.bucket_id, old.storage_class,
          case when old.is_marker then 0 else -1 end, -old.bytes, case when old.is_marker then -1 else 0 end);
      end if;
      if tg_op <> 'DELETE' then
        insert into oss.stat_steps values (new.bucket_id, new.storage_class,
          case when new.is_marker then 0 else 1 end, new.bytes, case when new.is_marker then 1 else 0 end);
        return new;
      end if;
      return old;
    end $$;
    create trigger count_object before insert or delete or update of bytes, storage_class on oss.objects
      for each row execute function oss.count_object();
    create trigger count_version before insert or delete or update of bytes, storage_class on oss.versions
      for each row execute function oss.count_version();

    create table oss.access_lines (
      line_id bigint generated always as identity primary key,
      bucket_id bigint not null references oss.buckets on delete cascade,
      hour timestamptz not null,
      line text not null
    );
    create index access_lines_by_hour on oss.access_lines (bucket_id, hour, line_id);

    create table oss.inventories (
      bucket_id bigint not null references oss.buckets on delete cascade,
      inventory_id text collate "C" not null,
      document jsonb not null,
      last_run_at timestamptz,
      primary key (bucket_id, inventory_id)
    );

    create table oss.cnames (
      domain text primary key,
      bucket_id bigint not null references oss.buckets on delete cascade,
      modified_at timestamptz not null
    );
    create index cnames_by_bucket on oss.cnames (bucket_id, domain);
    create table oss.cname_tokens (
      bucket_id bigint not null references oss.buckets on delete cascade,
      domain text not null,
      token text not null,
      expires_at timestamptz not null,
      primary key (bucket_id, domain)
    );

    create table oss.accounts (
      account_id text primary key,
      block_public_access boolean not null
    );

    create table oss.replication_rules (
      bucket_id bigint not null references oss.buckets on delete cascade,
      rule_id text not null,
      prefixes text[] not null,
      document jsonb not null,
      status text not null,
      -- Last key whose history has been queued; null when there is none to queue (any more).
      history_after text collate "C",
      history_total bigint not null default 0,
      synced_at timestamptz,
      created_at timestamptz not null,
      primary key (bucket_id, rule_id)
    );
    create table oss.replication_queue (
      queue_id bigint generated always as identity primary key,
      bucket_id bigint not null,
      rule_id text not null,
      key text collate "C" not null,
      version_seq bigint not null,
      version_id text,
      is_marker boolean not null,
      is_history boolean not null default false,
      modified_at timestamptz not null,
      failure text,
      retry_at timestamptz,
      foreign key (bucket_id, rule_id) references oss.replication_rules on delete cascade
    );
    create index replication_queue_by_rule on oss.replication_queue (bucket_id, rule_id, queue_id);
    create index replication_queue_by_key on oss.replication_queue (bucket_id, key);

    create function oss.queue_replication(a_bucket bigint, a_key text, a_seq bigint, a_version_id text,
      a_is_marker boolean, a_at timestamptz) returns void language plpgsql as $$
    begin
      if current_setting('oss.replica', true) = 'on' then
        return;
      end if;
      insert into oss.replication_queue (bucket_id, rule_id, key, version_seq, version_id, is_marker, modified_at)
        select r.bucket_id, r.rule_id, a_key, a_seq, a_version_id, a_is_marker, a_at
        from oss.replication_rules r where r.bucket_id = a_bucket and r.status <> 'closing'
          and (r.prefixes = '{}' or exists (select 1 from unnest(r.prefixes) p where starts_with(a_key, p)));
    end $$;
    create function oss.replicate_object() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' then
        perform oss.queue_replication(old.bucket_id, old.key, old.version_seq, old.version_id, false, old.modified_at);
        return old;
      end if;
      perform oss.queue_replication(new.bucket_id, new.key, new.version_seq, new.version_id, false, new.modified_at);
      return new;
    end $$;
    create function oss.replicate_version() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' then
        perform oss.queue_replication(old.bucket_id, old.key, old.version_seq, old.version_id, old.is_marker,
          old.modified_at);
        return old;
      end if;
      if new.is_marker then
        perform oss.queue_replication(new.bucket_id, new.key, new.version_seq, new.version_id, true, new.modified_at);
      end if;
      return new;
    end $$;
    create trigger replicate_object before insert or delete or update of version_seq, etag, tags, acl on oss.objects
      for each row execute function oss.replicate_object();
    create trigger replicate_version before insert or delete on oss.versions
      for each row execute function oss.replicate_version();
  `,
}
