import type { Migration } from '@pileus/kernel/store/migrations'

/** One trigger on objects instead of two, which asks first whether the bucket is replicated: every write pays for it. */
export const oneTriggerMigration: Migration = {
  id: 'oss/one-trigger',
  sql: `
    drop trigger count_object on oss.objects;
    drop trigger replicate_object on oss.objects;
    drop function oss.count_object();
    drop function oss.replicate_object();
    create function oss.note_object() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' then
        insert into oss.stat_steps values (old.bucket_id, old.storage_class, -1, -old.bytes, 0);
        if exists (select 1 from oss.replication_rules r where r.bucket_id = old.bucket_id) then
          perform oss.queue_replication(old.bucket_id, old.key, old.version_seq, old.version_id, false, old.modified_at);
        end if;
        return old;
      end if;
      if tg_op = 'INSERT' then
        insert into oss.stat_steps values (new.bucket_id, new.storage_class, 1, new.bytes, 0);
      elsif old.storage_class <> new.storage_class then
        insert into oss.stat_steps values (old.bucket_id, old.storage_class, -1, -old.bytes, 0),
          (new.bucket_id, new.storage_class, 1, new.bytes, 0);
      elsif old.bytes <> new.bytes then
        insert into oss.stat_steps values (new.bucket_id, new.storage_class, 0, new.bytes - old.bytes, 0);
      end if;
      if exists (select 1 from oss.replication_rules r where r.bucket_id = new.bucket_id) then
        if tg_op = 'INSERT' or (old.version_seq, old.etag, old.tags, old.acl)
          is distinct from (new.version_seq, new.etag, new.tags, new.acl) then
          perform oss.queue_replication(new.bucket_id, new.key, new.version_seq, new.version_id, false, new.modified_at);
        end if;
      end if;
      return new;
    end $$;
    create trigger note_object
      before insert or delete or update of bytes, storage_class, version_seq, etag, tags, acl on oss.objects
      for each row execute function oss.note_object();
  `,
}
