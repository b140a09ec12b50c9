/**
 * A page of a listing, in a bucket of millions of keys and in one of a thousand: it should cost the same. `--keys`
 * says how many millions; 10 when not given.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { shortDirectory } from '@pileus/kernel/short-directory'
import pg from 'pg'
import { type Contender, compare } from './framework/compare.ts'
import { startObjectLoad } from './framework/object-load.ts'
import type { ObjectTarget, PageShape } from './framework/object-targets.ts'
import { checkOptions } from './framework/options.ts'
import { startPileus } from './framework/pileus.ts'

const text = { type: 'string' } as const
const { values } = parseArgs({ options: { rounds: text, seconds: text, keys: text } })
const options = checkOptions(values, { rounds: 5, seconds: 2 })
const millions = Number(values.keys ?? 10)
if (!(millions >= 0.01)) throw new Error('--keys takes millions of keys, from 0.01')
/** Keys are `all/<7 digits>/<3 digits>`: all of them below one prefix, a thousand below each of these many. */
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
for (const bucket of ['many', 'few', 'flat']) {
  const job = { target: bucketOf(bucket), connections: 1 }
  await load.run({ ...job, work: { kind: 'makeBucket' } }, pileus.program.pid)
  await load.run({ ...job, work: { kind: 'put', prefix: 'sample', count: 1, bytes: 0 } }, pileus.program.pid)
}
const database = new pg.Client({
  host: shortDirectory(join(pileus.ready.dataDir, 'postgres'), 'socket', '.s.PGSQL.5432'.length),
  port: 5432,
  user: 'pileus',
  database: 'postgres',
})
await database.connect()
await seed()
await database.end()

interface Pages extends PageShape {
  prefixes: readonly string[]
}

const spread = (count: number): string[] =>
  Array.from({ length: 200 }, (_, i) => `all/${String((i * 7_919) % count).padStart(7, '0')}/`)
const middle = `all/${String(Math.floor(prefixCount / 2)).padStart(7, '0')}/`
const cases: { title: string; many: Pages; few: Pages & { bucket?: string } }[] = [
  ...(['V2', 'V1', 'versions'] as const).flatMap((listing) => [
    {
      title: `keys below a prefix (${listing})`,
      many: { listing, prefixes: spread(prefixCount) },
      few: { listing, prefixes: spread(1) },
    },
    {
      title: `one common prefix with all keys behind it (${listing})`,
      many: { listing, prefixes: [''], delimiter: '/' },
      few: { listing, prefixes: [''], delimiter: '/' },
    },
    {
      title: `1,000 common prefixes, a thousand keys behind each ÷ one behind each (${listing})`,
      many: { listing, prefixes: ['all/'], delimiter: '/' },
      few: { listing, prefixes: ['all/'], delimiter: '/', bucket: 'flat' },
    },
  ]),
  {
    title: 'keys from the middle of all on (V2)',
    many: { prefixes: [''], after: middle },
    few: { prefixes: [''], after: 'all/' },
  },
]
for (const { title, many, few } of cases) {
  const pages = (label: string, bucket: string, work: Pages): Contender => ({
    label,
    async measure() {
      const job = { target: bucketOf(bucket), connections, work: { kind: 'list', ...work } as const }
      return (await load.run({ ...job, seconds: options.seconds }, pileus.program.pid)).perSecond
    },
  })
  const { bucket = 'few', ...shape } = few
  await compare({
    title: `Pages of ${title}`,
    unit: 'pages/s',
    subject: pages(`${millions} million`, 'many', many),
    peer: pages('a thousand', bucket, shape),
    aim: { atLeast: 0.8 },
    rounds: options.rounds,
    notes: [`${connections} connections; the database has 64 MiB of shared buffers`],
  })
}

/**
 * Fills the buckets in the database, with the real table and all its indexes. Its trigger would write a counter's step
 * for each row, so the counters are written once instead.
 */
async function seed(): Promise<void> {
  const startedMs = performance.now()
  const elapsed = (): number => Math.round((performance.now() - startedMs) / 1_000)
  await database.query('set synchronous_commit = off')
  await database.query('alter table oss.objects disable trigger note_object')
  const { rows: columns } = await database.query<{ name: string }>(
    `select attname as name from pg_attribute
      where attrelid = 'oss.objects'::regclass and attnum > 0 and not attisdropped order by attnum`,
  )
  for (const [bucket, prefixes, keys] of [
    ['many', prefixCount, 1_000],
    ['few', 1, 1_000],
    ['flat', 1_000, 1],
  ] as const) {
    const batch = 250
    for (let from = 0; from < prefixes; from += batch) {
      const to = Math.min(from + batch, prefixes)
      await copySample(
        columns.map(({ name }) => name),
        { bucket, from, to, keys },
      )
      if ((to * keys) % 1_000_000 === 0) console.log(`${(to * keys) / 1e6} million keys after ${elapsed()} s`)
    }
    await database.query(
      `delete from oss.objects o using oss.buckets b
        where b.bucket_id = o.bucket_id and b.name = $1 and o.key = 'sample0'`,
      [bucket],
    )
    await database.query(
      `insert into oss.stat_steps (bucket_id, storage_class, objects, bytes, markers)
       select bucket_id, 'Standard', $2, 0, 0 from oss.buckets where name = $1`,
      [bucket, prefixes * keys - 1],
    )
  }
  await database.query('alter table oss.objects enable trigger note_object')
  await database.query('vacuum analyze oss.objects')
  const { rows } = await database.query<{ mib: number }>(
    `select round(pg_total_relation_size('oss.objects') / 1048576.0)::int as mib`,
  )
  console.log(`${millions} million rows, ${rows[0]!.mib} MiB with their indexes, made in ${elapsed()} s`)
}

/** The row of the bucket's sample again, under other keys. */
async function copySample(
  columns: readonly string[],
  { bucket, from, to, keys }: { bucket: string; from: number; to: number; keys: number },
): Promise<void> {
  const own: Readonly<Record<string, string>> = {
    key: `'all/' || lpad(p::text, 7, '0') || '/' || lpad(k::text, 3, '0')`,
    version_seq: `nextval('oss.version_seq')`,
  }
  await database.query(
    `insert into oss.objects (${columns.join(', ')})
     select ${columns.map((column) => own[column] ?? `sample.${column}`).join(', ')}
       from oss.objects sample join oss.buckets b using (bucket_id),
            generate_series($2::int, $3::int) p, generate_series(0, $4::int) k
      where b.name = $1 and sample.key = 'sample0' order by p, k`,
    [bucket, from, to - 1, keys - 1],
  )
}
