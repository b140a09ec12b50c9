import { silentLog } from '@pileus/kernel/log'
import { migrate } from '@pileus/kernel/store/migrations'
import { openStore, type Store } from '@pileus/kernel/store/store'
import { createTestDatabase, type TestDatabase } from '@pileus/testkit/test-database'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ossMigrations } from '../migrations.ts'
import { insertBucket } from './buckets.ts'
import { listObjects, successorOf } from './listing.ts'
import { putObject } from './objects.ts'

let database: TestDatabase
let store: Store
beforeAll(async () => {
  database = await createTestDatabase()
  store = openStore({ connection: { connectionString: database.url }, maxConnections: 4, log: silentLog })
  await migrate(store, ossMigrations)
})
afterAll(async () => {
  await store?.close()
  await database?.drop()
})

const at = new Date(0)

async function makeBucket(name: string, keys: readonly string[]): Promise<number> {
  const facts = { acl: 'private', storageClass: 'Standard', redundancy: 'LRS', settings: {} } as const
  const bucket = await insertBucket(store.pool, { name, accountId: '1', regionId: 'x', createdAt: at, ...facts })
  for (const key of keys) {
    const bytes = { location: 'v.1', segmentSet: undefined, bytes: 1, etag: 'E', crc64: '1' }
    const told = {
      contentType: 't',
      meta: {},
      type: 'Normal',
      storageClass: 'Standard',
      acl: undefined,
    } as const
    const how = { at, versionId: 'V', forbidOverwrite: false }
    await putObject(store.pool, bucket!.bucketId, { key, tags: [], ...bytes, ...told }, how)
  }
  return bucket!.bucketId
}

const bytewise = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** What a listing must give, by definition. */
function expected(keys: readonly string[], prefix: string, delimiter: string): string[] {
  const entries = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const found = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
      return found === -1 ? key : key.slice(0, found + delimiter.length)
    })
  return [...new Set(entries)].sort(bytewise)
}

test('pages of any size give every key and common prefix once, in the order of bytes', async () => {
  const letter = fc.constantFrom('a', 'b', '/', 'é', '\u{1F600}', '\uffee', '\u{10FFFF}', '-')
  const text = (maxLength: number) => fc.array(letter, { maxLength }).map((parts) => parts.join(''))
  let n = 0
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(
        fc.array(letter, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('')),
        { maxLength: 25 },
      ),
      text(2),
      fc.oneof(fc.constant(''), fc.constant('/'), fc.constant('a/'), letter),
      fc.integer({ min: 1, max: 5 }),
      async (keys, prefix, delimiter, limit) => {
        n += 1
        const bucketId = await makeBucket(`b-${n}-x`, keys)
        const found: string[] = []
        for (let after = ''; found.length <= keys.length; after = found.at(-1)!) {
          const page = await listObjects(store.pool, bucketId, { prefix, delimiter, after, limit })
          found.push(...page.map((entry) => (entry.kind === 'object' ? entry.object.key : entry.prefix)))
          if (page.length < limit) break
        }
        expect(found).toEqual(expected(keys, prefix, delimiter))
      },
    ),
    {
      numRuns: 25,
      // Nothing can follow these common prefixes, and keys hide behind them.
      examples: [
        [['\u{10FFFF}', '\u{10FFFF}a', 'a'], '', '\u{10FFFF}', 1],
        [['a\u{10FFFF}\u{10FFFF}', 'a\u{10FFFF}b', 'b'], 'a', '\u{10FFFF}', 2],
      ],
    },
  )
}, 60_000)

test('the successor of a text comes after all that begin with it, and before all else that does', () => {
  expect(successorOf('a')).toBe('b')
  expect(successorOf('a\ud7ff')).toBe('a\ue000')
  expect(successorOf('a\u{10FFFF}')).toBe('b')
  expect(successorOf('\u{10FFFF}')).toBeUndefined()
})
