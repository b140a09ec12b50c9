import type { Migration } from '@pileus/kernel/store/migrations'
import { accessTimesMigration } from './access-times-migration.ts'
import { callbackKeyMigration } from './callback-key-migration.ts'
import { configurationMigration } from './configuration-migration.ts'
import { damageMigration } from './damage-migration.ts'
import { deleteManyMigration } from './delete-many-migration.ts'
import { fetchTasksMigration } from './fetch-tasks-migration.ts'
import { oneTriggerMigration } from './one-trigger-migration.ts'
import { runningMd5Migration } from './running-md5-migration.ts'
import { skippedVersionsMigration } from './skipped-versions-migration.ts'

/**
 * Current objects are in `objects`; whatever is not current is in `versions`: older versions, and delete markers even
 * when they are newest. So the current listing never passes over a marker. `version_seq` grows with every write.
 *
 * Bytes are at `location`, or in the rows of a segment set where an object has several parts. Locations of rows that
 * are deleted go to `garbage` in the same transaction.
 */
export const ossMigrations: readonly Migration[] = [
  {
    id: 'oss/001-objects',
    sql: `
      create schema oss;
      create sequence oss.version_seq;
      create sequence oss.segment_sets;
      create table oss.buckets (
        bucket_id bigint generated always as identity primary key,
        name text collate "C" not null unique,
        account_id text not null,
        region_id text not null,
        acl text not null default 'private',
        storage_class text not null default 'Standard',
        redundancy text not null default 'LRS',
        versioning text,
        settings jsonb not null default '{}',
        created_at timestamptz not null
      );
      create index buckets_by_account on oss.buckets (account_id, name);

      create table oss.objects (
        bucket_id bigint not null,
        key text collate "C" not null,
        version_seq bigint not null,
        version_id text,
        location text collate "C",
        segment_set bigint,
        bytes bigint not null,
        etag text not null,
        crc64 text,
        content_type text not null,
        meta jsonb,
        tags jsonb,
        object_type text not null,
        storage_class text not null,
        acl text,
        modified_at timestamptz not null,
        restore jsonb,
        primary key (bucket_id, key)
      );
      create index objects_by_volume on oss.objects (split_part(location, '.', 1)) where location is not null;
      create table oss.versions (
        like oss.objects,
        is_marker boolean not null default false,
        primary key (bucket_id, key, version_seq)
      );
      create index versions_by_volume on oss.versions (split_part(location, '.', 1)) where location is not null;
      create unique index versions_null on oss.versions (bucket_id, key) where version_id is null;
      create unique index versions_by_id on oss.versions (bucket_id, key, version_id) where version_id is not null;

      create table oss.segments (
        segment_set bigint not null,
        at_offset bigint not null,
        bytes bigint not null,
        location text collate "C" not null,
        primary key (segment_set, at_offset)
      );
      create index segments_by_volume on oss.segments (split_part(location, '.', 1));

      create table oss.uploads (
        upload_id text collate "C" primary key,
        bucket_id bigint not null,
        key text collate "C" not null,
        facts jsonb not null,
        initiated_at timestamptz not null
      );
      create index uploads_by_key on oss.uploads (bucket_id, key, upload_id);
      create table oss.parts (
        upload_id text collate "C" not null references oss.uploads on delete cascade,
        part_number integer not null,
        location text collate "C" not null,
        bytes bigint not null,
        md5 text not null,
        crc64 text not null,
        modified_at timestamptz not null,
        primary key (upload_id, part_number)
      );
      create index parts_by_volume on oss.parts (split_part(location, '.', 1));

      create table oss.garbage (
        garbage_id bigint generated always as identity primary key,
        location text collate "C" not null
      );

      -- Locations of a row that is about to vanish.
      create function oss.discard(a_location text, a_segment_set bigint) returns void language plpgsql as $$
      begin
        if a_location is not null then
          insert into oss.garbage (location) values (a_location);
        end if;
        if a_segment_set is not null then
          with gone as (delete from oss.segments where segment_set = a_segment_set returning location)
          insert into oss.garbage (location) select location from gone;
        end if;
      end $$;

      -- Clears the way for a new version of a key, as the bucket's versioning has it. The caller has locked the key.
      create function oss.retire(a_bucket bigint, a_key text, a_versioning text) returns void language plpgsql as $$
      declare
        old oss.objects;
        old_version oss.versions;
      begin
        select * into old from oss.objects where bucket_id = a_bucket and key = a_key;
        if found then
          delete from oss.objects where bucket_id = a_bucket and key = a_key;
          if a_versioning is null or (a_versioning = 'Suspended' and old.version_id is null) then
            perform oss.discard(old.location, old.segment_set);
          else
            insert into oss.versions select old.*, false;
          end if;
        end if;
        if a_versioning = 'Suspended' then
          delete from oss.versions where bucket_id = a_bucket and key = a_key and version_id is null
            returning * into old_version;
          if found then
            perform oss.discard(old_version.location, old_version.segment_set);
          end if;
        end if;
      end $$;

      -- Holds a bucket in existence and a key to oneself until the transaction ends. Answers the bucket's versioning,
      -- or 'gone'. Shared advisory locks, because row locks of many writers at once are slow.
      create function oss.hold(a_bucket bigint, a_key text) returns text language plpgsql as $$
      declare
        state text;
      begin
        perform pg_advisory_xact_lock_shared(711, a_bucket::int);
        perform pg_advisory_xact_lock(hashtextextended(a_key, a_bucket));
        select coalesce(versioning, '') into state from oss.buckets where bucket_id = a_bucket;
        if not found then
          return 'gone';
        end if;
        return state;
      end $$;

      -- Makes a new current version. Answers version id, or NULL; outcome 'gone', 'exists' or 'done'.
      create function oss.put_object(
        a_bucket bigint, a_key text, a_location text, a_segment_set bigint, a_bytes bigint, a_etag text, a_crc64 text,
        a_content_type text, a_meta jsonb, a_tags jsonb, a_type text, a_class text, a_acl text, a_at timestamptz,
        a_version_id text, a_forbid_overwrite boolean,
        out outcome text, out version_id text) language plpgsql as $$
      declare
        state text;
        old_location text;
        old_segments bigint;
      begin
        state := oss.hold(a_bucket, a_key);
        if state = 'gone' then
          outcome := 'gone';
          return;
        end if;
        if a_forbid_overwrite and exists (select 1 from oss.objects o where o.bucket_id = a_bucket and o.key = a_key) then
          outcome := 'exists';
          return;
        end if;
        outcome := 'done';
        if state = '' then
          select o.location, o.segment_set into old_location, old_segments
            from oss.objects o where o.bucket_id = a_bucket and o.key = a_key;
          if found then
            perform oss.discard(old_location, old_segments);
            update oss.objects o set version_seq = nextval('oss.version_seq'), version_id = null, location = a_location,
              segment_set = a_segment_set, bytes = a_bytes, etag = a_etag, crc64 = a_crc64,
              content_type = a_content_type, meta = a_meta, tags = a_tags, object_type = a_type,
              storage_class = a_class, acl = a_acl, modified_at = a_at, restore = null
              where o.bucket_id = a_bucket and o.key = a_key;
            return;
          end if;
        else
          perform oss.retire(a_bucket, a_key, state);
          if state = 'Enabled' then
            version_id := a_version_id;
          end if;
        end if;
        insert into oss.objects values (a_bucket, a_key, nextval('oss.version_seq'), version_id, a_location,
          a_segment_set, a_bytes, a_etag, a_crc64, a_content_type, a_meta, a_tags, a_type, a_class, a_acl, a_at, null);
      end $$;

      -- DELETE without a version: removes the object, or puts a marker before it.
      create function oss.delete_object(
        a_bucket bigint, a_key text, a_at timestamptz, a_version_id text,
        out outcome text, out version_id text) language plpgsql as $$
      declare
        state text;
      begin
        state := oss.hold(a_bucket, a_key);
        if state = 'gone' then
          outcome := 'gone';
          return;
        end if;
        perform oss.retire(a_bucket, a_key, nullif(state, ''));
        if state = '' then
          outcome := 'deleted';
          return;
        end if;
        outcome := 'marked';
        if state = 'Enabled' then
          version_id := a_version_id;
        end if;
        insert into oss.versions values (a_bucket, a_key, nextval('oss.version_seq'), version_id, null, null, 0, '', null,
          '', null, null, 'Normal', 'Standard', null, a_at, null, true);
      end $$;

      -- DELETE of one version. When the current one goes, the newest of the rest becomes current unless it is a marker.
      create function oss.delete_version(
        a_bucket bigint, a_key text, a_version_id text,
        out outcome text) language plpgsql as $$
      declare
        state text;
        old oss.objects;
        old_version oss.versions;
      begin
        state := oss.hold(a_bucket, a_key);
        if state = 'gone' then
          outcome := 'gone';
          return;
        end if;
        delete from oss.objects o where o.bucket_id = a_bucket and o.key = a_key
          and o.version_id is not distinct from a_version_id returning * into old;
        if found then
          perform oss.discard(old.location, old.segment_set);
          outcome := 'object';
        else
          delete from oss.versions v where v.bucket_id = a_bucket and v.key = a_key
            and v.version_id is not distinct from a_version_id returning * into old_version;
          if not found then
            outcome := 'none';
            return;
          end if;
          perform oss.discard(old_version.location, old_version.segment_set);
          outcome := case when old_version.is_marker then 'marker' else 'object' end;
        end if;
        if exists (select 1 from oss.objects o where o.bucket_id = a_bucket and o.key = a_key) then
          return;
        end if;
        select * into old_version from oss.versions v where v.bucket_id = a_bucket and v.key = a_key
          order by v.version_seq desc limit 1;
        if found and not old_version.is_marker then
          delete from oss.versions v where v.bucket_id = a_bucket and v.key = a_key
            and v.version_seq = old_version.version_seq;
          insert into oss.objects values (old_version.bucket_id, old_version.key, old_version.version_seq,
            old_version.version_id, old_version.location, old_version.segment_set, old_version.bytes, old_version.etag,
            old_version.crc64, old_version.content_type, old_version.meta, old_version.tags, old_version.object_type,
            old_version.storage_class, old_version.acl, old_version.modified_at, old_version.restore);
        end if;
      end $$;
    `,
  },
  configurationMigration,
  callbackKeyMigration,
  deleteManyMigration,
  oneTriggerMigration,
  damageMigration,
  accessTimesMigration,
  runningMd5Migration,
  fetchTasksMigration,
  skippedVersionsMigration,
]
