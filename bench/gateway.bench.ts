/** Signed DescribeRegions with authorization on, against a bare Node http server and against moto_server. */
import { compare } from './framework/compare.ts'
import { type LoadJob, type Measured, startLoadGenerator } from './framework/load.ts'
import { motoRequest, startMoto } from './framework/moto.ts'
import { readOptions } from './framework/options.ts'
import { startPileus } from './framework/pileus.ts'
import { answerOf } from './framework/prepared-requests.ts'
import { startProgram } from './framework/programs.ts'

const options = readOptions({ rounds: 5, seconds: 2 })
const connections = 32

await using pileus = await startPileus()
await using load = startLoadGenerator()
const { accessKeyId, accessKeySecret } = pileus.ready

/** More than the fastest contender has been seen to answer. */
const countFor = (perSecond: number): number => Math.ceil(perSecond * options.seconds)

const signed = (kind: 'acs3' | 'rpc-v1', port: number, perSecond: number, seconds = options.seconds): LoadJob => ({
  port,
  connections,
  seconds,
  count: countFor(perSecond),
  request: {
    kind,
    accessKeyId,
    accessKeySecret,
    action: 'DescribeRegions',
    version: '2014-05-26',
    query: { AcceptLanguage: 'en-US', RegionId: 'cn-hangzhou' },
  },
})

const sample = await answerOf(signed('acs3', pileus.port, 1))
const bare = startProgram('bare-server', [Buffer.from(sample).toString('base64')])
await using _bare = bare
const barePort = Number(await bare.nextLine())

const cores: Record<string, Measured> = {}
async function rate(label: string, job: LoadJob, pid: number): Promise<number> {
  const measured = await load.measure(job, pid)
  cores[label] = measured
  return measured.requestsPerSecond
}
const coresOf = (label: string): string => {
  const { clientCores = 0, serverCores = 0 } = cores[label] ?? {}
  return `cores used, ${label}: server ${serverCores.toFixed(2)}, client ${clientCores.toFixed(2)}`
}

// Compilers and caches of both.
for (const kind of ['acs3', 'rpc-v1', 'acs3'] as const) {
  await load.measure(signed(kind, pileus.port, 20_000, 3), pileus.program.pid)
}
await load.measure(signed('acs3', barePort, 60_000, 1), bare.pid)

for (const kind of ['acs3', 'rpc-v1'] as const) {
  const notes = [
    `${connections} kept-alive connections, load from a process of its own, requests signed before the clock runs`,
    'each request: signature verified, nonce claimed in PostgreSQL, policies asked, contract decoded and encoded',
    'nonces are written with synchronous_commit off; nothing else is written',
  ]
  await compare({
    title: `(b) DescribeRegions, ${kind}, simulated engine: Pileus ÷ bare Node http server with the same bytes`,
    unit: 'requests/s',
    subject: {
      label: 'pileus',
      measure: () => rate('pileus', signed(kind, pileus.port, 20_000), pileus.program.pid),
    },
    peer: { label: 'node http', measure: () => rate('node http', signed(kind, barePort, 60_000), bare.pid) },
    aim: { atLeast: 0.15 },
    rounds: options.rounds,
    notes: [...notes, `the answer has ${sample.length} bytes, Node ${process.version}`],
  })
  console.log(`  · ${coresOf('pileus')} (its PostgreSQL included)\n  · ${coresOf('node http')}`)
}

{
  await using moto = await startMoto()
  const job: LoadJob = {
    port: moto.port,
    // Its threads slow each other down; with more connections it answers fewer.
    connections: 4,
    seconds: options.seconds,
    count: countFor(5_000),
    request: { kind: 'fixed', bytes: motoRequest(moto.port) },
  }
  await load.measure(job, moto.program.pid)
  await compare({
    title: '(b) DescribeRegions: Pileus, signed ACS3 ÷ moto_server, ec2 DescribeRegions, signature not verified',
    unit: 'requests/s',
    subject: {
      label: 'pileus',
      measure: () => rate('pileus', signed('acs3', pileus.port, 20_000), pileus.program.pid),
    },
    peer: { label: 'moto_server', measure: () => rate('moto_server', job, moto.program.pid) },
    aim: { atLeast: 20 },
    rounds: options.rounds,
    notes: [`moto ${moto.version}, ${job.connections} connections; Pileus as above, ${connections} connections`],
  })
  console.log(`  · ${coresOf('pileus')}\n  · ${coresOf('moto_server')}`)
}
