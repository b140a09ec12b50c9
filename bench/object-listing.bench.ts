/**
 * A page of a listing, in a bucket of millions of keys and in one of a thousand: it should cost the same. `--keys`
 * says how many millions; 10 when not given.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { shortDirectory } from '@pileus/kernel/short-directory'
import pg from 'pg'
import { type Contender, compare } from './framework/compare.ts'
import { type ObjectWork, startObjectLoad } from './framework/object-load.ts'
import type { ObjectTarget } from './framework/object-targets.ts'
import { checkOptions } from './framework/options.ts'
import { startPileus } from './framework/pileus.ts'

const text = { type: 'string' } as const
const { values } = parseArgs({ options: { rounds: text, seconds: text, keys: text } })
const options = checkOptions(values, { rounds: 5, seconds: 2 })
const millions = Number(values.keys ?? 10)
if (!(millions >= 0.01)) throw new Error('--keys takes millions of keys, from 0.01')
/** Keys are `<7 digits>/<3 digits>`: a thousand below each prefix. */
const prefixCount = Math.round(millions * 1_000)
const connections = 4

await using pileus = await startPileus()
await using load = startObjectLoad()
const { accessKeyId, accessKeySecret } = pileus.ready
const bucketOf = (bucket: string): ObjectTarget => ({
  wire: 's3',
  port: pileus.port,
  accessKeyId,
  accessKeySecret,
  bucket,
})
const run = (bucket: string, work: ObjectWork, seconds?: number) =>
  load.run({ target: bucketOf(bucket), connections, work, ...(seconds ? { seconds } : {}) }, pileus.program.pid)

for (const bucket of ['many', 'few', 'flat']) {
  await run(bucket, { kind: 'makeBucket' }).catch(() => {})
  await run(bucket, { kind: 'put', prefix: 'sample', count: 1, bytes: 0 })
}
const database = new pg.Client({
  host: shortDirectory(join(pileus.ready.dataDir, 'postgres'), 'socket', '.s.PGSQL.5432'.length),
  port: 5432,
  user: 'pileus',
  database: 'postgres',
})
await database.connect()
const startedMs = performance.now()
await fill('many', prefixCount, 1_000)
await fill('few', 1, 1_000)
await fill('flat', 1_000, 1)
await database.query('vacuum analyze oss.objects')
const { rows } = await database.query<{ mib: number }>(
  `select round(pg_total_relation_size('oss.objects') / 1048576.0)::int as mib`,
)
await database.end()
const seconds = Math.round((performance.now() - startedMs) / 1_000)
console.log(`${millions} million rows, ${rows[0]!.mib} MiB with their indexes, made in ${seconds} s`)

const names = (count: number): string[] =>
  Array.from({ length: 200 }, (_, i) => `${String((i * 7_919) % count).padStart(7, '0')}/`)
const pages = (label: string, bucket: string, work: ObjectWork): Contender => ({
  label,
  measure: async () => (await run(bucket, work, options.seconds)).perSecond,
})
const notes = [`${connections} connections; pages of 1,000 entries; the database has 64 MiB of shared buffers`]
await compare({
  title: `Pages of keys below a prefix: ${millions} million keys ÷ a thousand`,
  unit: 'pages/s',
  subject: pages(`${millions} million`, 'many', { kind: 'list', prefixes: names(prefixCount) }),
  peer: pages('a thousand', 'few', { kind: 'list', prefixes: names(1) }),
  aim: { atLeast: 0.8 },
  rounds: options.rounds,
  notes,
})
await compare({
  title: `Pages of common prefixes: a thousand keys behind each ÷ one behind each`,
  unit: 'pages/s',
  subject: pages(`${millions} million`, 'many', { kind: 'list', prefixes: [''], delimiter: '/' }),
  peer: pages('a thousand', 'flat', { kind: 'list', prefixes: [''], delimiter: '/' }),
  aim: { atLeast: 0.5 },
  rounds: options.rounds,
  notes,
})

/** Copies the row of the sample under other keys, then takes the sample away. */
async function fill(bucket: string, prefixes: number, keys: number): Promise<void> {
  const batch = 200
  for (let from = 0; from < prefixes; from += batch) {
    await database.query(
      `insert into oss.objects
       select (jsonb_populate_record(sample, jsonb_build_object(
                 'key', lpad(p::text, 7, '0') || '/' || lpad(k::text, 3, '0'), 'version_seq', nextval('oss.version_seq')))).*
         from oss.objects sample join oss.buckets b using (bucket_id),
              generate_series($2::int, $3::int) p, generate_series(0, $4::int) k
        where b.name = $1 and sample.key = 'sample0'`,
      [bucket, from, Math.min(from + batch, prefixes) - 1, keys - 1],
    )
  }
  await database.query(
    `delete from oss.objects o using oss.buckets b where b.bucket_id = o.bucket_id and b.name = $1 and o.key = 'sample0'`,
    [bucket],
  )
}
