/** Signed DescribeRegions with authorization on, against a bare Node http server and against moto_server. */
import { compare, median } from './framework/compare.ts'
import { type LoadJob, type Measured, startLoadGenerator } from './framework/load.ts'
import { motoRequest, startMoto } from './framework/moto.ts'
import { readOptions } from './framework/options.ts'
import { startPileus } from './framework/pileus.ts'
import { answerOf } from './framework/prepared-requests.ts'
import { startProgram } from './framework/programs.ts'

const options = readOptions({ rounds: 5, seconds: 2 })
const connections = 64

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

const measurements = new Map<string, Measured[]>()
async function rate(label: string, job: LoadJob, pid: number): Promise<number> {
  const measured = await load.measure(job, pid)
  measurements.set(label, [...(measurements.get(label) ?? []), measured])
  return measured.requestsPerSecond
}

/** What a busy machine distorts less than a rate, and who used the cores. Forgets the measurements. */
function printCores(label: string): void {
  const all = measurements.get(label) ?? []
  measurements.delete(label)
  const middle = (figure: (one: Measured) => number): number => median(all.map(figure))
  const serverUs = middle((one) => (one.serverCores / one.requestsPerSecond) * 1e6)
  console.log(
    `  · ${label}: ${serverUs.toFixed(0)} µs of processor time per request; cores used: server ${middle((one) => one.serverCores).toFixed(2)}, client ${middle((one) => one.clientCores).toFixed(2)}`,
  )
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
    'the server is the control plane and its PostgreSQL; nonces are written with synchronous_commit off; nothing else is written',
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
  printCores('pileus')
  printCores('node http')
}

{
  await using moto = await startMoto()
  const job: LoadJob = {
    port: moto.port,
    connections,
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
    notes: [`moto ${moto.version}; ${connections} connections to each, Pileus as above`],
  })
  printCores('pileus')
  printCores('moto_server')
}
