/** The replicator against two buckets, a gate that can be shut, and a clock. */
import { ManualClock } from '@pileus/kernel/clock'
import { silentLog } from '@pileus/kernel/log'
import type { MovingQuestion, ResidencyGate } from '@pileus/kernel/ports'
import { openStore, type Store } from '@pileus/kernel/store/store'
import { openTestBytes, type TestBytes } from '@pileus/testkit/test-bytes'
import { createTestDatabase, type TestDatabase } from '@pileus/testkit/test-database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Bucket } from '../domain/bucket.ts'
import type { NewObject } from '../domain/stored-object.ts'
import { newVersionId } from '../domain/version-id.ts'
import type { ObjectKeys } from '../object-keys.ts'
import type { ServiceRoles } from '../service-roles.ts'
import { findBucket, insertBucket, setVersioning } from '../tables/buckets.ts'
import { deleteObject, deleteVersion, findObject, findVersion, putObject, updateVersion } from '../tables/objects.ts'
import { findReplicationStatus, insertReplicationRule, readReplicationProgress } from '../tables/replication.ts'
import { createReplicationReconciler } from './replication.ts'

const clock = new ManualClock(new Date('2026-02-01T00:00:00Z'))
const asked: MovingQuestion[] = []
let reason: string | undefined
const residency: ResidencyGate = {
  mayPlace: () => ({ kind: 'allowed' }),
  mayMove(question) {
    asked.push(question)
    return reason === undefined ? { kind: 'allowed' } : { kind: 'denied', reason, citations: [], needs: [] }
  },
}
/** Nothing here is encrypted. */
const objectKeys: ObjectKeys = {
  create: () => Promise.reject(new Error('no object is to be encrypted')),
  open: () => Promise.reject(new Error('no object is encrypted')),
}
/** Nor does a rule name a role. */
const roles: ServiceRoles = {
  open: () => Promise.reject(new Error('no rule has a role')),
  findRefusal: () => Promise.reject(new Error('no rule has a role')),
}
let database: TestDatabase
let store: Store
let held: TestBytes
let pass: () => Promise<void>
beforeAll(async () => {
  database = await createTestDatabase('migrated')
  store = openStore({ connection: { connectionString: database.url }, maxConnections: 4, log: silentLog })
  held = await openTestBytes()
  const parts = {
    store,
    bytes: held.bytes,
    objectKeys,
    keysOf: () => objectKeys,
    roles,
    clock,
    residency,
    log: silentLog,
  }
  pass = createReplicationReconciler(parts).pass
})
afterAll(async () => {
  await held?.[Symbol.asyncDispose]()
  await store?.close()
  await database?.drop()
})

let bucketNumber = 0
async function makeBucket(regionId: string, versioning?: 'Enabled'): Promise<Bucket> {
  bucketNumber += 1
  const name = `replication-${bucketNumber}`
  const told = { acl: 'private', storageClass: 'Standard', redundancy: 'LRS', settings: {} } as const
  const made = await insertBucket(store.pool, { name, accountId: '1', regionId, createdAt: clock.now(), ...told })
  if (versioning) await setVersioning(store.pool, made!.bucketId, versioning)
  return (await findBucket(store.pool, name))!
}

const rule = (
  source: Bucket,
  target: Bucket,
  how: { action?: string; prefixes?: string[]; isHistorical?: boolean } = {},
) =>
  insertReplicationRule(
    store.pool,
    {
      bucketId: source.bucketId,
      ruleId: 'rule',
      prefixes: how.prefixes ?? [],
      status: 'starting',
      action: how.action ?? 'ALL',
      targetBucket: target.name,
      targetRegionId: target.regionId,
      transferType: undefined,
      isHistorical: how.isHistorical ?? true,
      role: undefined,
      replicatesEncrypted: false,
      replicaKeyId: undefined,
      isTimeControlled: false,
    },
    clock.now(),
  )

/** Writes as PutObject does, a second after whatever was written before. */
async function put(bucket: Bucket, key: string, text: string): Promise<string | undefined> {
  clock.advance(1000)
  const stored = await held.bytes.of(bucket.regionId).put([Buffer.from(text)])
  const object: NewObject = {
    key,
    location: stored.location,
    segmentSet: undefined,
    bytes: stored.bytes,
    crc64: stored.crc64,
    etag: stored.md5Hex.toUpperCase(),
    contentType: 'text/plain',
    meta: { user: { a: '1' } },
    tags: [],
    acl: undefined,
    type: 'Normal',
    storageClass: 'Standard',
  }
  const how = { at: clock.now(), versionId: newVersionId(), forbidOverwrite: false }
  return (await putObject(store.pool, bucket.bucketId, object, how)).versionId
}

async function remove(bucket: Bucket, key: string): Promise<void> {
  clock.advance(1000)
  await deleteObject(store.pool, bucket.bucketId, key, { at: clock.now(), versionId: newVersionId() })
}

async function read(bucket: Bucket, key: string): Promise<string | undefined> {
  const object = await findObject(store.pool, bucket.bucketId, key)
  return object && String(await held.bytes.of(bucket.regionId).readWhole(object.location!))
}

const waiting = async () => (await store.pool.query('select 1 from oss.replication_queue')).rows.length

test('what was there and what comes is copied, and deleted where the rule says so', async () => {
  const [source, target] = [await makeBucket('cn-hangzhou'), await makeBucket('eu-central-1')]
  await put(source, 'old', 'was there')
  await put(source, 'other/old', 'of no interest')
  await rule(source, target, { prefixes: ['old', 'new'] })
  await put(source, 'new', 'first')
  await put(source, 'new', 'second')
  await pass()
  expect([await read(target, 'old'), await read(target, 'new'), await read(target, 'other/old')]).toEqual([
    'was there',
    'second',
    undefined,
  ])
  const copy = (await findObject(store.pool, target.bucketId, 'new'))!
  const original = (await findObject(store.pool, source.bucketId, 'new'))!
  expect(copy).toMatchObject({ etag: original.etag, modifiedAt: original.modifiedAt, meta: { isReplica: true } })
  expect(copy.location?.split('p')[0]).not.toBe(original.location?.split('p')[0])
  expect(asked[0]).toMatchObject({
    principal: { kind: 'platform', name: 'oss.replicator' },
    fromRegionId: 'cn-hangzhou',
    regionId: 'eu-central-1',
  })
  await updateVersion(store.pool, source.bucketId, 'new', undefined, { tags: [{ key: 'k', value: 'v' }] })
  await remove(source, 'old')
  await pass()
  expect(await read(target, 'old')).toBeUndefined()
  expect((await findObject(store.pool, target.bucketId, 'new'))?.tags).toEqual([{ key: 'k', value: 'v' }])
  expect(await waiting()).toBe(0)
})

test('without deletions in its Action a rule deletes nothing', async () => {
  const [source, target] = [await makeBucket('cn-hangzhou'), await makeBucket('eu-central-1')]
  await put(source, 'before', 'x')
  await rule(source, target, { action: 'PUT', isHistorical: false })
  await put(source, 'k', 'kept')
  await pass()
  await remove(source, 'k')
  await pass()
  expect([await read(target, 'k'), await read(target, 'before')]).toEqual(['kept', undefined])
})

test('what the gate refuses stays where it is, says why, and goes once it may', async () => {
  const [source, target] = [await makeBucket('cn-hangzhou'), await makeBucket('ap-southeast-1')]
  await rule(source, target)
  reason = 'The law of the place forbids it.'
  await put(source, 'k', 'bound')
  await pass()
  expect(await read(target, 'k')).toBeUndefined()
  const object = (await findObject(store.pool, source.bucketId, 'k'))!
  expect(await findReplicationStatus(store.pool, source.bucketId, object)).toBe('FAILED')
  expect(await readReplicationProgress(store.pool, source.bucketId, 'rule')).toMatchObject({
    failed: 1,
    failure: reason,
  })
  const questions = asked.length
  reason = undefined
  await pass()
  expect([asked.length, await read(target, 'k')]).toEqual([questions, undefined])
  clock.advance(11 * 60_000)
  await pass()
  expect(await read(target, 'k')).toBe('bound')
  expect(await findReplicationStatus(store.pool, source.bucketId, object)).toBe('COMPLETED')
})

test('two buckets may be replicated to each other: nothing goes round, and the later write wins', async () => {
  const [one, two] = [await makeBucket('cn-hangzhou'), await makeBucket('eu-central-1')]
  await rule(one, two)
  await rule(two, one)
  await put(one, 'k', 'from one')
  await put(two, 'k', 'from two, later')
  await put(one, 'only', 'one')
  await pass()
  await pass()
  expect(await waiting()).toBe(0)
  for (const bucket of [one, two]) {
    expect([await read(bucket, 'k'), await read(bucket, 'only')]).toEqual(['from two, later', 'one'])
  }
  await remove(two, 'only')
  await pass()
  await pass()
  expect([await read(one, 'only'), await read(two, 'only'), await waiting()]).toEqual([undefined, undefined, 0])
})

test('versions keep their ids, markers hide, and overlapping passes do no harm', async () => {
  const source = await makeBucket('cn-hangzhou', 'Enabled')
  const target = await makeBucket('eu-central-1', 'Enabled')
  await rule(source, target)
  const first = await put(source, 'k', 'first')
  const second = await put(source, 'k', 'second')
  await Promise.all([pass(), pass()])
  expect(await read(target, 'k')).toBe('second')
  expect((await findObject(store.pool, target.bucketId, 'k'))?.versionId).toBe(second)
  expect(await findVersion(store.pool, target.bucketId, 'k', first)).toMatchObject({ bytes: 5 })
  await remove(source, 'k')
  await deleteVersion(store.pool, source.bucketId, 'k', first)
  await pass()
  expect(await read(target, 'k')).toBeUndefined()
  expect(await findVersion(store.pool, target.bucketId, 'k', first)).toBeUndefined()
  expect(await findVersion(store.pool, target.bucketId, 'k', second)).toMatchObject({ bytes: 6 })
  const versions = async (bucket: Bucket) =>
    (
      await store.pool.query(
        `select version_id, false as is_marker from oss.objects where bucket_id = $1
         union all select version_id, is_marker from oss.versions where bucket_id = $1 order by 1`,
        [bucket.bucketId],
      )
    ).rows
  expect(await versions(target)).toEqual(await versions(source))
  expect(await waiting()).toBe(0)
})

test('a bucket that is gone fails its rows, and the others go on', async () => {
  const [source, target] = [await makeBucket('cn-hangzhou'), await makeBucket('eu-central-1')]
  await rule(source, target)
  await put(source, 'k', 'x')
  await store.pool.query('delete from oss.buckets where bucket_id = $1', [target.bucketId])
  await pass()
  const progress = await readReplicationProgress(store.pool, source.bucketId, 'rule')
  expect(progress).toMatchObject({ failed: 1, failure: expect.stringContaining(target.name) })
})
