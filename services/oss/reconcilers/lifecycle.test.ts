/** The worker of lifecycle rules against a literal reading of what they say. */
import { ManualClock } from '@pileus/kernel/clock'
import { silentLog } from '@pileus/kernel/log'
import { openStore, type Store } from '@pileus/kernel/store/store'
import { createTestDatabase, type TestDatabase } from '@pileus/testkit/test-database'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StorageClass } from '../domain/bucket.ts'
import type { LifecycleRule } from '../domain/lifecycle.ts'
import type { NewObject } from '../domain/stored-object.ts'
import { newVersionId } from '../domain/version-id.ts'
import { insertBucket, setBucketSetting, setVersioning } from '../tables/buckets.ts'
import { restartLifecycle } from '../tables/lifecycle.ts'
import { deleteObject, putObject } from '../tables/objects.ts'
import { insertUpload } from '../tables/uploads.ts'
import { createLifecycleReconciler } from './lifecycle.ts'

const dayMs = 86_400_000
const start = Date.parse('2026-02-01T00:00:00Z')
const clock = new ManualClock(new Date(start))
let database: TestDatabase
let store: Store
beforeAll(async () => {
  database = await createTestDatabase('migrated')
  store = openStore({ connection: { connectionString: database.url }, maxConnections: 4, log: silentLog })
})
afterAll(async () => {
  await store?.close()
  await database?.drop()
})

const facts: Omit<NewObject, 'key' | 'bytes' | 'tags'> = {
  location: undefined,
  segmentSet: undefined,
  etag: 'E',
  crc64: undefined,
  contentType: 't',
  meta: {},
  type: 'Normal',
  storageClass: 'Standard',
  acl: undefined,
}

let bucketNumber = 0
async function makeBucket(rules: LifecycleRule[], versioning: 'Enabled' | 'Suspended' | undefined): Promise<number> {
  bucketNumber += 1
  const told = { acl: 'private', storageClass: 'Standard', redundancy: 'LRS' } as const
  const name = `lifecycle-${bucketNumber}`
  const made = await insertBucket(store.pool, {
    ...{ name, accountId: '1', regionId: 'x', createdAt: clock.now(), settings: { lifecycle: rules } },
    ...told,
  })
  if (versioning) await setVersioning(store.pool, made!.bucketId, versioning)
  return made!.bucketId
}

const emptyRule: LifecycleRule = {
  ...{ id: 'r', prefix: '', isEnabled: true, tags: [], except: [], largerThanBytes: undefined },
  ...{ smallerThanBytes: undefined, expiration: undefined, transitions: [], abort: undefined },
  ...{ noncurrentExpirationDays: undefined, noncurrentTransitions: [] },
}

interface Held {
  isMarker: boolean
  day: number
  bytes: number
  tag: string | undefined
  storageClass: StorageClass
}

/** Keys to versions, newest first; a key whose newest version is no marker is visible. */
type World = Map<string, Held[]>
const classes: StorageClass[] = ['Standard', 'IA', 'Archive', 'ColdArchive', 'DeepColdArchive']

/** What the rules leave of the world on a day, read off the documentation sentence by sentence. */
function literally(
  world: World,
  rules: LifecycleRule[],
  at: { today: number; isPastMidnight: boolean },
  keepsVersions: boolean,
): World {
  const { today } = at
  // Written in the course of a day, a version has its whole days at the midnight that ends the last of them.
  const isOver = (since: number, days: number): boolean => today >= since + days + (at.isPastMidnight ? 1 : 0)
  const left: World = new Map()
  for (const [key, versions] of world) {
    const about = (version: Held) =>
      rules.filter((rule) => {
        if (!rule.isEnabled || !key.startsWith(rule.prefix)) return false
        if (rule.tags.some((tag) => tag.value !== version.tag)) return false
        if (!version.isMarker && rule.largerThanBytes !== undefined && !(version.bytes > rule.largerThanBytes))
          return false
        return !rule.except.some((one) => key.startsWith(one.prefix) && (!one.tag || one.tag.value === version.tag))
      })
    const colder = (version: Held, wanted: StorageClass[]): Held => {
      const best = Math.max(classes.indexOf(version.storageClass), ...wanted.map((one) => classes.indexOf(one)))
      return { ...version, storageClass: classes[best]! }
    }
    const result: Held[] = []
    for (const [index, version] of versions.entries()) {
      const mine = about(version)
      if (index > 0) {
        // It is not current since the day on which the version before it was written.
        const since = versions[index - 1]!.day
        if (mine.some((rule) => rule.noncurrentExpirationDays && isOver(since, rule.noncurrentExpirationDays))) continue
        const due = mine.flatMap((rule) => rule.noncurrentTransitions.filter((one) => isOver(since, one.days)))
        result.push(
          version.isMarker
            ? version
            : colder(
                version,
                due.map((one) => one.storageClass),
              ),
        )
        continue
      }
      if (version.isMarker) {
        const isAlone = versions.length === 1
        const removes = mine.some((rule) => rule.expiration && 'markerOnly' in rule.expiration)
        if (!(isAlone && removes)) result.push(version)
        continue
      }
      const ends = mine.some(
        ({ expiration }) => expiration && 'days' in expiration && isOver(version.day, expiration.days),
      )
      if (ends && keepsVersions) {
        result.push({ isMarker: true, day: today, bytes: 0, tag: undefined, storageClass: 'Standard' }, version)
      }
      if (ends) continue
      const due = mine.flatMap((rule) =>
        rule.transitions.filter((one) => 'days' in one.when && isOver(version.day, one.when.days)),
      )
      result.push(
        colder(
          version,
          due.map((one) => one.storageClass),
        ),
      )
    }
    if (result.length > 0) left.set(key, result)
  }
  return left
}

async function readWorld(bucketId: number): Promise<[string, Held[]][]> {
  const { rows } = await store.pool.query(
    `select *, false as is_marker from oss.objects where bucket_id = $1
     union all select * from oss.versions where bucket_id = $1 order by key, version_seq desc`,
    [bucketId],
  )
  const world: World = new Map()
  for (const row of rows) {
    const list = world.get(row.key) ?? []
    world.set(row.key, list)
    list.push({
      isMarker: row.is_marker,
      day: Math.floor((row.modified_at.getTime() - start) / dayMs),
      bytes: row.bytes,
      tag: row.tags?.[0]?.value,
      storageClass: row.storage_class,
    })
  }
  return [...world]
}

const days = fc.integer({ min: 1, max: 6 })
const tagValue = fc.constantFrom(undefined, 'red', 'blue')
const colderClass = fc.constantFrom('IA', 'Archive', 'ColdArchive', 'DeepColdArchive')
const anyRule: fc.Arbitrary<LifecycleRule> = fc
  .record({
    prefix: fc.constantFrom('', 'a', 'a/', 'b'),
    isEnabled: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    tag: tagValue,
    largerThanBytes: fc.constantFrom(undefined, 5),
    except: fc.constantFrom(undefined, 'a/x'),
    expiration: fc.oneof(fc.constant(undefined), fc.record({ days }), fc.constant({ markerOnly: true } as const)),
    transition: fc.option(fc.record({ days, storageClass: colderClass }), { nil: undefined }),
    noncurrentExpirationDays: fc.option(days, { nil: undefined }),
    noncurrentTransition: fc.option(fc.record({ days, storageClass: colderClass }), { nil: undefined }),
  })
  .map(({ tag, except, transition, noncurrentTransition, ...rest }) => ({
    ...emptyRule,
    ...rest,
    tags: tag === undefined ? [] : [{ key: 'color', value: tag }],
    except: except === undefined ? [] : [{ prefix: except, tag: undefined }],
    transitions: transition ? [{ when: { days: transition.days }, storageClass: transition.storageClass }] : [],
    noncurrentTransitions: noncurrentTransition ? [noncurrentTransition] : [],
  }))

const key = fc.constantFrom('a', 'a/1', 'a/x1', 'b', 'c')
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('put' as const), key, tag: tagValue, bytes: fc.constantFrom(1, 9) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 3 }) }) },
)

test('rules do what they say, to every version, day by day', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyRule, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('Enabled' as const, undefined),
      fc.array(step, { minLength: 1, maxLength: 14 }),
      fc.constantFrom(0, 5),
      async (rules, versioning, steps, hours) => {
        clock.advance(hours * 3_600_000)
        const bucketId = await makeBucket(rules, versioning)
        const reconciler = createLifecycleReconciler({ store, clock })
        let world: World = new Map()
        const today = () => Math.floor((clock.now().getTime() - start) / dayMs)
        const settle = async () => {
          // What is written in the course of a day is looked at on the days after it.
          await restartLifecycle(store.pool, bucketId)
          await reconciler.pass()
          world = literally(world, rules, { today: today(), isPastMidnight: hours > 0 }, versioning !== undefined)
          expect(await readWorld(bucketId)).toEqual([...world].sort(([a], [b]) => (a < b ? -1 : 1)))
        }
        for (const one of [...steps, { kind: 'wait' as const, days: 3 }]) {
          if (one.kind === 'wait') {
            for (let i = 0; i < one.days; i += 1) {
              clock.advance(dayMs)
              await settle()
            }
            continue
          }
          const before = world.get(one.key) ?? []
          const how = { at: clock.now(), versionId: newVersionId() }
          if (one.kind === 'put') {
            const tags = one.tag === undefined ? [] : [{ key: 'color', value: one.tag }]
            const object = { ...facts, key: one.key, bytes: one.bytes, tags }
            await putObject(store.pool, bucketId, object, { ...how, forbidOverwrite: false })
            const held: Held = {
              isMarker: false,
              day: today(),
              bytes: one.bytes,
              tag: one.tag,
              storageClass: 'Standard',
            }
            world.set(one.key, versioning ? [held, ...before] : [held])
          } else {
            await deleteObject(store.pool, bucketId, one.key, how)
            const marker: Held = { isMarker: true, day: today(), bytes: 0, tag: undefined, storageClass: 'Standard' }
            if (versioning) world.set(one.key, [marker, ...before])
            else world.delete(one.key)
          }
        }
        clock.advance(dayMs - hours * 3_600_000)
        await store.pool.query('delete from oss.lifecycle_runs')
        await store.pool.query(`update oss.buckets set settings = '{}' where bucket_id = $1`, [bucketId])
      },
    ),
    { numRuns: 40 },
  )
})

test('uploads are aborted, retention is respected, and a pass that has nothing to do writes nothing', async () => {
  const rule: LifecycleRule = { ...emptyRule, expiration: { days: 1 }, abort: { days: 2 } }
  const bucketId = await makeBucket([rule], undefined)
  const worm = { wormId: 'W', state: 'Locked', retentionDays: 5, createdAt: clock.now().toISOString() } as const
  await setBucketSetting(store.pool, bucketId, 'worm', worm)
  const how = { at: clock.now(), versionId: newVersionId(), forbidOverwrite: false }
  await putObject(store.pool, bucketId, { ...facts, key: 'kept', bytes: 1, tags: [] }, how)
  for (const uploadId of ['U1', 'U2']) {
    const upload = {
      ...{ contentType: 't', meta: {}, tags: [], storageClass: 'Standard' as const },
      isSequential: false,
    }
    await insertUpload(store.pool, bucketId, { uploadId, key: 'k', facts: upload, initiatedAt: clock.now() })
  }
  const reconciler = createLifecycleReconciler({ store, clock })
  const uploads = async () =>
    (await store.pool.query('select 1 from oss.uploads where bucket_id = $1', [bucketId])).rows.length
  clock.advance(dayMs)
  await reconciler.pass()
  expect([await uploads(), (await readWorld(bucketId)).length]).toEqual([2, 1])
  clock.advance(dayMs + 1)
  await Promise.all([reconciler.pass(), reconciler.pass()])
  expect([await uploads(), (await readWorld(bucketId)).length]).toEqual([0, 1])
  const state = async () => (await store.pool.query('select xmin, * from oss.lifecycle_runs')).rows
  const before = await state()
  await reconciler.pass()
  expect(await state()).toEqual(before)
  clock.advance(3 * dayMs)
  await reconciler.pass()
  expect(await readWorld(bucketId)).toEqual([])
})

test('a walk that was cut off goes on after its last key', async () => {
  const bucketId = await makeBucket([{ ...emptyRule, expiration: { days: 1 } }], undefined)
  for (const name of ['a', 'b', 'c']) {
    const how = { at: clock.now(), versionId: newVersionId(), forbidOverwrite: false }
    await putObject(store.pool, bucketId, { ...facts, key: name, bytes: 1, tags: [] }, how)
  }
  clock.advance(2 * dayMs)
  const today = new Date(Math.floor(clock.now().getTime() / dayMs) * dayMs)
  await store.pool.query(`insert into oss.lifecycle_runs values ($1, $2, 'keys', 'b')`, [bucketId, today])
  await createLifecycleReconciler({ store, clock }).pass()
  expect((await readWorld(bucketId)).map(([name]) => name)).toEqual(['a', 'b'])
})
