/** Starts other programs for a bench, each in a process of its own, and ends exactly those. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface Program extends AsyncDisposable {
  pid: number
  /** The next line of its standard output. @throws Error when it ends first, or says nothing for `timeoutMs` */
  nextLine(timeoutMs?: number): Promise<string>
  send(line: string): void
  /** The end of what it wrote to standard error. */
  lastErrors(): string
  /** Asks it to end, and waits; kills it when it takes longer than `timeoutMs`. */
  stop(timeoutMs?: number): Promise<void>
}

/** Directory of the bundled programs, set by `run.mjs`. */
export function programFile(name: string): string {
  return join(required('PILEUS_BENCH_PROGRAMS'), `${name}.mjs`)
}

/** Where benches keep what is worth keeping between runs, such as installed peers. */
export function cacheDirectory(): string {
  return required('PILEUS_BENCH_CACHE')
}

export function installDirectory(): string {
  return required('PILEUS_ROOT')
}

/** One of our own programs under `bench/programs`, run by Node. */
export function startProgram(name: string, args: readonly string[] = []): Program {
  return start(process.execPath, [programFile(name), ...args])
}

export function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Program {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env })
  let errors = ''
  child.stderr.on('data', (data: Buffer) => {
    errors = (errors + data.toString()).slice(-4_000)
  })
  child.on('error', (error) => {
    errors += error.message
  })
  // A program that died is reported by the line that never comes.
  child.stdin.on('error', () => {})
  const lines = createInterface({ input: child.stdout })
  const waiting: string[] = []
  lines.on('line', (line) => waiting.push(line))
  const stop = (timeoutMs = 15_000): Promise<void> => stopChild(child, timeoutMs)
  return {
    pid: child.pid ?? -1,
    async nextLine(timeoutMs = 120_000) {
      const deadline = AbortSignal.timeout(timeoutMs)
      while (waiting.length === 0) {
        if (child.exitCode !== null || child.pid === undefined) throw new Error(`${command} ended: ${errors}`)
        // Whichever event did not come must not keep its listener.
        const other = new AbortController()
        const signal = AbortSignal.any([deadline, other.signal])
        const events = [once(lines, 'line', { signal }), once(child, 'exit', { signal })]
        await Promise.race(events).finally(() => other.abort())
        await Promise.allSettled(events)
      }
      return waiting.shift() ?? ''
    },
    lastErrors: () => errors,
    send: (line) => void child.stdin.write(`${line}\n`),
    stop,
    [Symbol.asyncDispose]: () => stop(),
  }
}

async function stopChild(child: ChildProcess, timeoutMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const gone = once(child, 'exit')
  child.kill('SIGINT')
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  await gone
  clearTimeout(timer)
}

function required(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: run benches through npm run bench`)
  return value
}
