/** Durable records per second against bare inserts of the same bytes, and proofs in a log of a million entries. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { actiontrailMigrations } from '@pileus/actiontrail/migrations'
import { createSequencer } from '@pileus/actiontrail/sequencer'
import { createAuditSink } from '@pileus/actiontrail/sink'
import { openDirectory } from '@pileus/cli/audit-source'
import { leafHash } from '@pileus/kernel/audit/merkle'
import {
  checkpointText,
  createSigner,
  newSigningKey,
  parseCheckpoint,
  parseVerifierKey,
} from '@pileus/kernel/audit/note'
import { checkProof, makeProof } from '@pileus/kernel/audit/proof'
import { type Edge, grow, rootOfEdge, subtreesOf, tilePath } from '@pileus/kernel/audit/tiles'
import { systemClock } from '@pileus/kernel/clock'
import { hostRegions } from '@pileus/kernel/hosted-regions'
import { type AccountId, newRequestId } from '@pileus/kernel/ids'
import { silentLog } from '@pileus/kernel/log'
import type { CallRecord } from '@pileus/kernel/ports'
import { openSecretBox } from '@pileus/kernel/secret-box'
import { startEmbeddedPostgres } from '@pileus/kernel/store/embedded-postgres'
import { migrate } from '@pileus/kernel/store/migrations'
import { openStore } from '@pileus/kernel/store/store'
import { compare, measureAlone } from './framework/compare.ts'
import { readOptions } from './framework/options.ts'

const options = readOptions({ rounds: 5, seconds: 3 })
/** Calls that wait for their record at the same time. */
const callers = 512
const aimPerSecond = 5_000

const directory = mkdtempSync(join(tmpdir(), 'pileus-bench-'))
chmodSync(directory, 0o711)
const nobody = 65_534
const postgres = await startEmbeddedPostgres({
  dataDir: join(directory, 'postgres'),
  resolveFrom: process.env['PILEUS_ROOT'] ?? process.cwd(),
  ...(process.getuid?.() === 0 ? { user: { uid: nobody, gid: nobody } } : {}),
})
const store = openStore({ connection: postgres.connection, maxConnections: 12, log: silentLog })
try {
  await appends()
  await proofs()
} finally {
  await store.close()
  await postgres.stop()
  rmSync(directory, { recursive: true, force: true })
}

async function appends(): Promise<void> {
  await migrate(store, actiontrailMigrations)
  const sequencer = createSequencer({ store, secretBox: openSecretBox(join(directory, 'root.key')), cellId: 'bench' })
  const audit = createAuditSink({
    store,
    clock: systemClock,
    hosted: hostRegions(['cn-hangzhou']),
    keepsDataEvents: () => false,
    onWaiting: () => {},
  })
  await store.pool.query(`create schema bare; create table bare.records (
    id bigint generated always as identity primary key, region_id text not null, account_id text,
    event_id uuid not null, event_time timestamptz not null, body text not null)`)
  const outcome = await compare({
    title: `durable records per second: the trail ÷ bare INSERTs of the same bytes, ${callers} callers`,
    unit: 'records/s',
    subject: {
      label: 'trail',
      async measure() {
        const perSecond = await rate(() => audit.record(sampleCall()))
        await sequencer.placeWaiting()
        return perSecond
      },
    },
    peer: { label: 'bare', measure: () => rateOfBare() },
    aim: { atLeast: 0.3 },
    rounds: options.rounds,
    notes: [
      'every record is on disk (synchronous_commit, fsync) before its caller goes on; both send up to 512 rows a statement',
      'the trail builds each event, redacts it and writes it as canonical JSON; bare sends a body that was made before',
      `node ${process.version}, embedded PostgreSQL, one process each; places in the tree are given between measurements`,
    ],
  })
  console.log(`  aim ≥ ${aimPerSecond} records/s: ${outcome.subject >= aimPerSecond ? 'reached' : 'MISSED'}`)

  const perPlacing = await measureAlone({
    title: 'giving 4,096 waiting records their places: tree, tiles, signed checkpoint',
    unit: 'ms',
    rounds: options.rounds,
    async measure() {
      await Promise.all(Array.from({ length: 4_096 }, () => audit.record(sampleCall())))
      const startedMs = performance.now()
      await sequencer.placeWaiting()
      return performance.now() - startedMs
    },
    notes: ['it runs beside the calls and is not waited for'],
  })
  console.log(`  · that is ${Math.round(4_096_000 / perPlacing)} records/s`)
}

/** Completed calls per second. */
async function rate(once: () => Promise<void>): Promise<number> {
  const startedMs = performance.now()
  const untilMs = startedMs + options.seconds * 1_000
  let done = 0
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() < untilMs) {
        await once()
        done += 1
      }
    }),
  )
  return (done * 1_000) / (performance.now() - startedMs)
}

/** The same statement into a table of the same columns, with as many rows and statements in flight. */
async function rateOfBare(): Promise<number> {
  const body = JSON.stringify({ ...sampleCall(), padding: 'x'.repeat(300) })
  const ids = Array.from({ length: callers }, () => crypto.randomUUID())
  const at = new Date()
  const columns = [
    ids.map(() => 'cn-hangzhou'),
    ids.map(() => '1234567890123456'),
    ids,
    ids.map(() => at),
    ids.map(() => body),
  ]
  const startedMs = performance.now()
  const untilMs = startedMs + options.seconds * 1_000
  let done = 0
  const writer = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      await store.pool.query({
        name: 'bare-insert',
        text: `insert into bare.records (region_id, account_id, event_id, event_time, body)
          select * from unnest($1::text[], $2::text[], $3::uuid[], $4::timestamptz[], $5::text[])`,
        values: columns,
      })
      done += callers
    }
  }
  await Promise.all([writer(), writer()])
  return (done * 1_000) / (performance.now() - startedMs)
}

function sampleCall(): CallRecord {
  const accountId = '1234567890123456' as AccountId
  const accessKeyId = 'LTAIBenchBenchBenchBench'
  return {
    requestId: newRequestId(),
    at: new Date(),
    durationMs: 2,
    product: 'Vpc',
    action: 'CreateVpc',
    version: '2016-04-28',
    kind: 'write',
    plane: 'management',
    scope: 'region',
    permission: 'vpc:CreateVpc',
    principal: { kind: 'root', accountId, accessKeyId },
    accessKeyId,
    regionId: 'cn-hangzhou',
    host: '127.0.0.1:7480',
    sourceIp: '127.0.0.1',
    userAgent: 'AlibabaCloud (linux; amd64) Golang/1.24 Core/0.0.1 TeaDSL/1',
    secureTransport: true,
    outcome: { httpStatus: 200 },
    resources: [`acs:vpc:cn-hangzhou:${accountId}:vpc/*`],
    parameters: { RegionId: 'cn-hangzhou', CidrBlock: '10.0.0.0/8', VpcName: 'bench' },
    response: { VpcId: 'vpc-bp1bench0bench0bench', VRouterId: 'vrt-bp1bench0bench0bench' },
  }
}

async function proofs(): Promise<void> {
  const size = 1_000_000
  const entry = (index: number): Buffer => Buffer.from(`{"n":${index}}`)
  const folder = join(directory, 'log')
  let edge: Edge = []
  for (let at = 0; at < size; at += 8_192) {
    const count = Math.min(8_192, size - at)
    const grown = grow(
      at,
      edge,
      Array.from({ length: count }, (_, offset) => leafHash(entry(at + offset))),
    )
    for (const { level, index, hashes } of grown.tiles) {
      const file = join(folder, tilePath({ level, index, width: hashes.length }))
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, Buffer.concat([...hashes]))
    }
    edge = grown.edge
  }
  const signer = createSigner('bench', newSigningKey())
  const verifier = parseVerifierKey(signer.verifierKey)
  const note = signer.sign(checkpointText({ origin: 'bench', size, root: rootOfEdge(edge) }))
  const log = openDirectory(folder)
  const readTile = async (tile: Parameters<typeof log.readTile>[0]): Promise<Buffer> => {
    const bytes = await log.readTile(tile)
    if (!bytes) throw new Error(`${tilePath(tile)} is missing`)
    return bytes
  }
  const some = Array.from({ length: 200 }, () => Math.floor(Math.random() * size))
  const made: string[] = []
  await measureAlone({
    title: `making a proof of one of ${size} entries, from files`,
    unit: 'ms',
    rounds: options.rounds,
    async measure() {
      made.length = 0
      const startedMs = performance.now()
      for (const index of some) made.push(await makeProof(index, note, subtreesOf(size, readTile)))
      return (performance.now() - startedMs) / some.length
    },
    notes: [`mean of ${some.length} random entries; nothing is kept between proofs but the system's cache of files`],
  })
  await measureAlone({
    title: 'checking such a proof, signature included',
    unit: 'ms',
    rounds: options.rounds,
    async measure() {
      const startedMs = performance.now()
      for (const [at, index] of some.entries()) {
        if (checkProof(made[at] ?? '', entry(index), verifier) !== index) throw new Error('a proof does not hold')
      }
      return (performance.now() - startedMs) / some.length
    },
    notes: [`the tree's root is ${parseCheckpoint(note).root.toString('base64')}`],
  })
}
