import type { Db } from '@pileus/kernel/store/store'
import { sql } from 'kysely'
import { type KeyRow, type KeyVersionRow, kmsTables } from './schema.ts'

export interface Owner {
  accountId: string
  regionId: string
}

export async function insertKey(
  db: Db,
  key: Omit<KeyRow, 'is_protected' | 'protection_note'>,
  version: Omit<KeyVersionRow, 'imported_digest'>,
): Promise<void> {
  await kmsTables(db).insertInto('kms.keys').values(key).execute()
  await insertKeyVersion(db, version)
}

export async function insertKeyVersion(db: Db, version: Omit<KeyVersionRow, 'imported_digest'>): Promise<void> {
  await kmsTables(db).insertInto('kms.key_versions').values(version).execute()
}

/** Of any account: callers compare the owner. */
export async function findKey(db: Db, keyId: string, lock?: 'update'): Promise<KeyRow | undefined> {
  const query = kmsTables(db).selectFrom('kms.keys').selectAll().where('key_id', '=', keyId)
  return await (lock ? query.forUpdate() : query).executeTakeFirst()
}

export async function findServiceKey(db: Db, owner: Owner, service: string): Promise<KeyRow | undefined> {
  return await kmsTables(db)
    .selectFrom('kms.keys')
    .selectAll()
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
    .where('service', '=', service)
    .executeTakeFirst()
}

export async function updateKey(db: Db, keyId: string, change: Partial<KeyRow>): Promise<void> {
  await kmsTables(db).updateTable('kms.keys').set(change).where('key_id', '=', keyId).execute()
}

export async function deleteKey(db: Db, keyId: string): Promise<void> {
  await kmsTables(db).deleteFrom('kms.keys').where('key_id', '=', keyId).execute()
}

export interface KeyFilter {
  states: readonly string[] | undefined
  specs: readonly string[] | undefined
  usages: readonly string[] | undefined
}

/** One page in order of id, and how many there are in all. */
export async function listKeys(
  db: Db,
  owner: Owner,
  filter: KeyFilter,
  page: { pageNumber: number; pageSize: number },
): Promise<{ keyIds: string[]; total: number }> {
  let query = kmsTables(db)
    .selectFrom('kms.keys')
    .where('account_id', '=', owner.accountId)
    .where('region_id', '=', owner.regionId)
  if (filter.states) query = query.where('state', 'in', filter.states as KeyRow['state'][])
  if (filter.specs) query = query.where('key_spec', 'in', filter.specs as KeyRow['key_spec'][])
  if (filter.usages) query = query.where('key_usage', 'in', filter.usages as KeyRow['key_usage'][])
  const rows = await query
    .select('key_id')
    .orderBy('key_id')
    .limit(page.pageSize)
    .offset((page.pageNumber - 1) * page.pageSize)
    .execute()
  const { total } = await query.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  return { keyIds: rows.map((row) => row.key_id), total }
}

export async function findKeyVersion(db: Db, keyId: string, versionId: string): Promise<KeyVersionRow | undefined> {
  return await kmsTables(db)
    .selectFrom('kms.key_versions')
    .selectAll()
    .where('key_id', '=', keyId)
    .where('version_id', '=', versionId)
    .executeTakeFirst()
}

/** Newest first, and how many there are in all. */
export async function listKeyVersions(
  db: Db,
  keyId: string,
  page: { pageNumber: number; pageSize: number },
): Promise<{ versions: Pick<KeyVersionRow, 'version_id' | 'created_at'>[]; total: number }> {
  const query = kmsTables(db).selectFrom('kms.key_versions').where('key_id', '=', keyId)
  const versions = await query
    .select(['version_id', 'created_at'])
    .orderBy('created_at', 'desc')
    .orderBy('version_id')
    .limit(page.pageSize)
    .offset((page.pageNumber - 1) * page.pageSize)
    .execute()
  const { total } = await query.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  return { versions, total }
}

/** Puts material into a version, or takes it away; `digest` then stays. */
export async function setMaterial(
  db: Db,
  versionId: string,
  sealedMaterial: Buffer | null,
  digest?: string,
): Promise<void> {
  await kmsTables(db)
    .updateTable('kms.key_versions')
    .set({ sealed_material: sealedMaterial, ...(digest === undefined ? {} : { imported_digest: digest }) })
    .where('version_id', '=', versionId)
    .execute()
}

/** Keys for which a time has come, of the regions given; locked, those that others hold left out. */
export async function lockDueKeys(db: Db, regionIds: readonly string[], now: Date, limit: number): Promise<KeyRow[]> {
  return await kmsTables(db)
    .selectFrom('kms.keys')
    .selectAll()
    .where('region_id', 'in', regionIds)
    .where(sql<Date>`least(delete_at, next_rotation_at, material_expires_at)`, '<=', now)
    .orderBy('key_id')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()
}

/** Versions of a region whose material is not sealed by `generation` of its root key; locked. */
export async function lockStaleVersions(
  db: Db,
  regionId: string,
  generation: number,
  limit: number,
): Promise<KeyVersionRow[]> {
  return await kmsTables(db)
    .selectFrom('kms.key_versions')
    .selectAll()
    .where('region_id', '=', regionId)
    .where('sealed_material', 'is not', null)
    .where(sql<Buffer>`substring(sealed_material from 2 for 4)`, '<>', generationBytes(generation))
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()
}

function generationBytes(generation: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(generation)
  return bytes
}
