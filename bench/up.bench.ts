/** `./pileus up` on data that is there already: time to the first signed answer, and memory when nothing happens. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { measureAlone } from './framework/compare.ts'
import type { LoadJob } from './framework/load.ts'
import { readOptions } from './framework/options.ts'
import { makeDataDir, type StartedPileus, startPileus } from './framework/pileus.ts'
import { answerOf } from './framework/prepared-requests.ts'
import { listTree, memoryOf } from './framework/processes.ts'
import { installDirectory } from './framework/programs.ts'

const options = readOptions({ rounds: 7, seconds: 5 })
const dataDir = makeDataDir()
const command = [join(installDirectory(), 'pileus')]

/** Time from the start of the program to the first answer, in seconds, and the cloud that gave it. */
async function startAndAsk(): Promise<{ seconds: number; pileus: StartedPileus }> {
  const startedMs = performance.now()
  const pileus = await startPileus({ dataDir, command })
  await answerOf(identityCall(pileus))
  return { seconds: (performance.now() - startedMs) / 1_000, pileus }
}

function identityCall({ ready, port }: StartedPileus): LoadJob {
  const { accessKeyId, accessKeySecret } = ready
  const call = { action: 'DescribeRegions', version: '2014-05-26', query: { RegionId: 'cn-hangzhou' } }
  return {
    port,
    connections: 1,
    seconds: 0,
    count: 1,
    request: { kind: 'acs3', accessKeyId, accessKeySecret, ...call },
  }
}

/** The launcher builds when a source has changed; such a start is not warm, and is repeated. */
async function warmSeconds(): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const { seconds, pileus } = await startAndAsk()
    const hasBuilt = /\bbuilding\b/.test(pileus.program.lastErrors())
    await pileus[Symbol.asyncDispose]()
    if (!hasBuilt) return seconds
    if (attempt === 3) throw new Error('sources change all the time: no start was warm')
  }
}

try {
  const first = await startAndAsk()
  await first.pileus[Symbol.asyncDispose]()
  console.log(`\nfirst start, database made: ${first.seconds.toFixed(2)} s (not warm, for information)`)
  await measureAlone({
    title: '(d) ./pileus up --engine simulated, warm: start of the program to first signed answer',
    unit: 's',
    rounds: options.rounds,
    measure: warmSeconds,
    atMost: 1.5,
    notes: ['the database exists and is stopped before each start; PostgreSQL is embedded, with fsync on'],
  })

  const { pileus } = await startAndAsk()
  await using _pileus = pileus
  await new Promise((wake) => setTimeout(wake, options.seconds * 1_000))
  const pids = listTree(pileus.program.pid)
  const all = memoryOf(pids)
  const controlPlane = memoryOf([pileus.ready.pid])
  await measureAlone({
    title: '(d) memory when idle, all processes',
    unit: 'MiB',
    rounds: 1,
    measure: async () => all.pssMiB,
    notes: [
      `${pids.length} processes, proportional set size, ${options.seconds} s after the first answer`,
      `of it the control plane ${controlPlane.pssMiB.toFixed(0)} MiB, the rest is PostgreSQL`,
      `${all.privateMiB.toFixed(0)} MiB are private; other Node and PostgreSQL processes of this machine share the rest`,
    ],
  })
} finally {
  rmSync(dataDir, { recursive: true, force: true })
}
