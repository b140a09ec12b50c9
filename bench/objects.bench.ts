/**
 * Object storage beside other stores that run on one machine: small, medium and large objects, listings, a mix.
 * `--parts` and `--peers` choose some of it, `--workers` how
 * many processes of ours answer.
 */
import { type Contender, compareAll, median } from './framework/compare.ts'
import { type ObjectRate, type ObjectWork, startObjectLoad } from './framework/object-load.ts'
import { readObjectOptions } from './framework/object-options.ts'
import { type ObjectPeer, startAzurite, startMinio, startS3rver } from './framework/object-peers.ts'
import { startPileus } from './framework/pileus.ts'
import { listTree, memoryOf } from './framework/processes.ts'
import { type Program, startProgram } from './framework/programs.ts'

const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB
const options = readObjectOptions({ rounds: 3, seconds: 3 })
/** Processor time of servers for each request, of one comparison. */
const costs = new Map<string, number[]>()
const wants = (part: string): boolean => options.parts.includes(part)

await using pileus = await startPileus({ more: ['--workers', options.workers] })
await using load = startObjectLoad()
const { accessKeyId, accessKeySecret } = pileus.ready
const own: Server = {
  label: 'Pileus',
  program: pileus.program,
  target: { wire: 's3', port: pileus.port, accessKeyId, accessKeySecret, bucket: 'bench' },
  durability: 'bytes are flushed (fdatasync, shared by what arrives together) and their row is committed, flushed too',
}
const starts: Readonly<Record<string, () => Promise<ObjectPeer>>> = {
  azurite: startAzurite,
  minio: startMinio,
  s3rver: startS3rver,
}
const peers: ObjectPeer[] = []
await using _peers = {
  async [Symbol.asyncDispose]() {
    await Promise.all(peers.map((peer) => peer[Symbol.asyncDispose]()))
  },
}
for (const name of options.peers) {
  try {
    peers.push(await starts[name]!())
  } catch (error) {
    console.log(`${name} is left out: ${error instanceof Error ? error.message.slice(0, 400) : error}`)
  }
}
const servers: Server[] = [own, ...peers]
for (const server of servers) await run(server, 1, { kind: 'makeBucket' })
console.log(`\nWhat a put that was answered survives:`)
for (const { label, durability } of servers) console.log(`  ${label}: ${durability}`)

if (wants('small')) {
  for (const connections of [8, 64]) {
    await across(`4 KiB put, ${connections} connections`, 'puts/s', { azurite: 4, minio: 1.5 }, (server, round) =>
      rate(server, connections, {
        kind: 'put',
        prefix: `small-${connections}-${round}/`,
        count: Math.ceil(20_000 * options.seconds),
        bytes: 4 * KIB,
      }),
    )
  }
  for (const server of servers) {
    await run(server, 16, { kind: 'put', prefix: 'read/', count: 2_000, bytes: 4 * KIB })
  }
  for (const connections of [8, 64]) {
    await across(`4 KiB get, ${connections} connections`, 'gets/s', { azurite: 6, minio: 1.5 }, (server) =>
      rate(server, connections, { kind: 'get', prefix: 'read/', count: 2_000, bytes: 4 * KIB }),
    )
  }
}
if (wants('mixed')) {
  for (const server of servers) await run(server, 16, { kind: 'put', prefix: 'mix/', count: 1_000, bytes: 4 * KIB })
  await across('seven 4 KiB gets to three puts, 32 connections', 'requests/s', {}, (server, round) =>
    rate(server, 32, {
      kind: 'mixed',
      prefix: 'mix/',
      count: Math.ceil(10_000 * options.seconds),
      keys: 1_000,
      round,
      bytes: 4 * KIB,
    }),
  )
}
if (wants('list')) {
  for (const server of servers) await run(server, 16, { kind: 'put', prefix: 'list/', count: 3_000, bytes: 100 })
  await across('a page of 1,000 of 3,000 keys, 4 connections', 'pages/s', {}, (server) =>
    rate(server, 4, { kind: 'list', prefixes: ['list/'] }),
  )
}
if (wants('medium')) await transfers(16 * MIB, '16 MiB', 4, 8)
if (wants('large')) await transfers(GIB, '1 GiB', 1, 1)

/** Puts and gets of one size, with what bounds them: the digest that every put needs, the disk, a file that is sent. */
async function transfers(bytes: number, size: string, connections: number, count: number): Promise<void> {
  const mib = bytes / MIB
  const baseline = startProgram('byte-baselines')
  await using _baseline = baseline
  const peaks = new Map<string, number>()
  const puts = await measured(`${size} put, ${connections} connections`, (server, round) =>
    watchingMemory(server, peaks, async () => {
      const work: ObjectWork = { kind: 'put', prefix: `put-${bytes}-${round}/`, count, bytes }
      return (await run(server, connections, work)).perSecond * mib
    }),
  )
  const limits = { md5: [] as number[], disk: [] as number[] }
  for (let round = 0; round < options.rounds; round += 1) {
    limits.md5.push(await ask(baseline, `md5 ${Math.min(bytes * count, GIB)}`))
    limits.disk.push(await ask(baseline, `write ${Math.min(bytes * count, GIB)}`))
  }
  const [md5, disk] = [median(limits.md5), median(limits.disk)]
  const bound = Math.min(md5, disk)
  verdict(
    `${size} put ÷ the lesser of MD5 (${md5.toFixed(0)} MiB/s) and disk (${disk.toFixed(0)} MiB/s)`,
    puts / bound,
    0.8,
  )
  for (const [label, peak] of peaks)
    console.log(`  · ${label}: memory grew by ${peak.toFixed(0)} MiB at most during a put`)

  for (const server of servers) await run(server, 1, { kind: 'put', prefix: `get-${bytes}/`, count: 1, bytes })
  const filePort = await ask(baseline, `serve ${bytes}`)
  const file: Server = {
    label: 'bare Node file stream',
    program: baseline,
    target: { ...own.target, port: filePort },
    durability: '',
  }
  peaks.clear()
  await measured(
    `${size} get, ${connections} connections`,
    (server) =>
      watchingMemory(server, peaks, async () => {
        // The same key each time: as many requests as were put.
        const work: ObjectWork = { kind: 'get', prefix: `get-${bytes}/`, count: 1, bytes }
        const { perSecond } = await run(server, connections, work, count > 1 ? options.seconds : undefined)
        return perSecond * mib
      }),
    [{ server: file, aim: { atLeast: 0.8 } }],
  )
  for (const [label, peak] of peaks)
    console.log(`  · ${label}: memory grew by ${peak.toFixed(0)} MiB at most during a get`)
}

interface Server {
  label: string
  program: Program
  target: ObjectPeer['target']
  durability: string
}

function run(server: Server, connections: number, work: ObjectWork, seconds?: number): Promise<ObjectRate> {
  const job = { target: server.target, connections, work, ...(seconds === undefined ? {} : { seconds }) }
  return load.run(job, server.program.pid)
}

async function rate(server: Server, connections: number, work: ObjectWork): Promise<number> {
  const { perSecond, serverCpuUs } = await run(server, connections, work, options.seconds)
  costs.set(server.label, [...(costs.get(server.label) ?? []), serverCpuUs])
  return perSecond
}

async function across(
  title: string,
  unit: string,
  aims: Readonly<Record<string, number>>,
  measure: (server: Server, round: number) => Promise<number>,
): Promise<void> {
  const contender = (server: Server): Contender => ({
    label: server.label,
    measure: (round) => measure(server, round),
  })
  const able = await thatCan(title, measure)
  costs.clear()
  await compareAll({
    title,
    unit,
    subject: contender(own),
    peers: able.map((peer) => {
      const aim = aims[peer.label.toLowerCase().split(' ')[0]!]
      return { ...contender(peer), ...(aim === undefined ? {} : { aim: { atLeast: aim } }) }
    }),
    rounds: options.rounds,
    notes: ['requests are signed before the clock runs; signatures are verified by each'],
  })
  for (const [label, all] of costs)
    console.log(`  · ${label}: ${median(all).toFixed(0)} µs of processor time a request`)
}

/** Warms everybody up, and leaves out peers that cannot do it at all. */
async function thatCan(
  title: string,
  measure: (server: Server, round: number) => Promise<unknown>,
): Promise<ObjectPeer[]> {
  const able: ObjectPeer[] = []
  await measure(own, -1)
  for (const peer of peers) {
    try {
      await measure(peer, -1)
      able.push(peer)
    } catch (error) {
      console.log(`\n${title}: ${peer.label} is left out: ${error instanceof Error ? error.message : error}`)
    }
  }
  return able
}

/** Prints the comparison in MiB/s and answers with our own median. */
async function measured(
  title: string,
  measure: (server: Server, round: number) => Promise<number>,
  more: readonly { server: Server; aim: { atLeast: number } }[] = [],
): Promise<number> {
  const figures: number[] = []
  const contender = (server: Server): Contender => ({
    label: server.label,
    async measure(round) {
      const figure = await measure(server, round)
      if (server === own) figures.push(figure)
      return figure
    },
  })
  const others = (await thatCan(title, measure)).map(contender)
  figures.length = 0
  const bounds = more.map(({ server, aim }) => ({ ...contender(server), aim }))
  await compareAll({
    title,
    unit: 'MiB/s',
    subject: contender(own),
    peers: [...others, ...bounds],
    rounds: options.rounds,
    notes: [],
  })
  return median(figures)
}

function verdict(title: string, ratio: number, aim: number): void {
  console.log(`  ${title}: ${ratio.toFixed(2)}   aim ≥ ${aim}: ${ratio >= aim ? 'reached' : 'MISSED'}`)
}

/** Notes by how much the server's memory grew, at most, over all rounds. */
async function watchingMemory<T>(server: Server, peaks: Map<string, number>, work: () => Promise<T>): Promise<T> {
  const tree = listTree(server.program.pid)
  const before = memoryOf(tree).privateMiB
  let peak = before
  const timer = setInterval(() => {
    peak = Math.max(peak, memoryOf(tree).privateMiB)
  }, 100)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    peaks.set(server.label, Math.max(peaks.get(server.label) ?? 0, peak - before))
  }
}

async function ask(program: Program, question: string): Promise<number> {
  program.send(question)
  return Number(await program.nextLine(300_000))
}
