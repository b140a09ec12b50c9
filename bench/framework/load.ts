/** Orders measurements of requests per second from the load generator. */
import { cpuSecondsOf, listTree } from './processes.ts'
import { type Program, startProgram } from './programs.ts'

export interface LoadJob {
  port: number
  connections: number
  seconds: number
  /** Requests to prepare: more than can be answered in that time. */
  count: number
  request:
    | {
        kind: 'acs3'
        accessKeyId: string
        accessKeySecret: string
        action: string
        version: string
        query: Record<string, string>
      }
    | {
        kind: 'rpc-v1'
        accessKeyId: string
        accessKeySecret: string
        action: string
        version: string
        query: Record<string, string>
      }
    /** The same bytes each time, as Latin-1 text. */
    | { kind: 'fixed'; bytes: string }
}

export interface LoadResult {
  answered: number
  failed: number
  firstFailure: string
  /** The prepared requests did not suffice for the time. */
  ranOut: boolean
  seconds: number
  cpuSeconds: number
}

export interface Measured {
  requestsPerSecond: number
  /** Cores used by the client and by the server's processes. */
  clientCores: number
  serverCores: number
}

export interface LoadGenerator extends AsyncDisposable {
  /** @throws Error when any request fails. */
  measure(job: LoadJob, serverPid: number): Promise<Measured>
}

export function startLoadGenerator(): LoadGenerator {
  const program: Program = startProgram('load-generator')
  return {
    async measure(job, serverPid) {
      program.send(JSON.stringify(job))
      const ready = await program.nextLine()
      if (ready !== 'ready') throw new Error(`the load generator said ${ready}`)
      const server = listTree(serverPid)
      const cpuBefore = cpuSecondsOf(server)
      program.send('go')
      const result = JSON.parse(await program.nextLine((job.seconds + 60) * 1_000)) as LoadResult
      const serverCpuSeconds = cpuSecondsOf(server) - cpuBefore
      if (result.failed > 0) throw new Error(`${result.failed} requests failed, the first with ${result.firstFailure}`)
      return {
        requestsPerSecond: result.answered / result.seconds,
        clientCores: result.cpuSeconds / result.seconds,
        serverCores: serverCpuSeconds / result.seconds,
      }
    },
    [Symbol.asyncDispose]: () => program.stop(),
  }
}
