/** Orders measurements of object stores from the load program. */
import type { ObjectTarget, PageShape } from './object-targets.ts'
import { cpuSecondsOf, listTree } from './processes.ts'
import { startProgram } from './programs.ts'

export type ObjectWork =
  /** `count` different keys below `prefix`. */
  | { kind: 'put'; prefix: string; count: number; bytes: number }
  /** The same keys, in another order. */
  | { kind: 'get'; prefix: string; count: number; bytes: number }
  /** Seven gets of existing keys to three puts of new ones. */
  | { kind: 'mixed'; prefix: string; count: number; keys: number; round: number; bytes: number }
  /** The first page of a thousand keys below each of the prefixes, or of what the delimiter makes of them. */
  | ({ kind: 'list'; prefixes: readonly string[] } & PageShape)
  | { kind: 'makeBucket' }

export interface ObjectJob {
  target: ObjectTarget
  connections: number
  /** Requests begin again from the first until then; without it each is sent once. */
  seconds?: number
  work: ObjectWork
}

export interface ObjectJobResult {
  answered: number
  failed: number
  firstFailure: string
  /** Requests began again from the first. */
  wrapped: boolean
  seconds: number
  cpuSeconds: number
}

export interface ObjectRate {
  perSecond: number
  seconds: number
  /** Of the server's processes, for each request. */
  serverCpuUs: number
}

export interface ObjectLoad extends AsyncDisposable {
  /** @throws Error when any request fails */
  run(job: ObjectJob, serverPid: number): Promise<ObjectRate>
}

export function startObjectLoad(): ObjectLoad {
  const program = startProgram('object-load')
  return {
    async run(job, serverPid) {
      program.send(JSON.stringify(job))
      const ready = await program.nextLine()
      if (ready !== 'ready') throw new Error(`the load program said ${ready}`)
      const server = listTree(serverPid)
      const cpuBefore = cpuSecondsOf(server)
      program.send('go')
      const result = JSON.parse(await program.nextLine(600_000)) as ObjectJobResult
      const serverCpuSeconds = cpuSecondsOf(server) - cpuBefore
      const what = `${job.work.kind} on port ${job.target.port}`
      if (result.failed > 0) throw new Error(`${what}: ${result.failed} failed, the first with ${result.firstFailure}`)
      return {
        perSecond: result.answered / result.seconds,
        seconds: result.seconds,
        serverCpuUs: (serverCpuSeconds / Math.max(1, result.answered)) * 1e6,
      }
    },
    [Symbol.asyncDispose]: () => program.stop(),
  }
}
