/** Runs `./pileus` as a user's shell does: as a process of its own. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'

export const repository = join(import.meta.dirname, '..')

export interface ProgramResult {
  /** Exit code; -1 when a signal ended it. */
  code: number
  stdout: string
  stderr: string
}

export interface RunOptions {
  env?: NodeJS.ProcessEnv
  cwd?: string
  timeoutMs?: number
}

/** Runs a program to its end. Failing is an answer too. @throws Error when it cannot be started */
export function runProgram(command: string, args: readonly string[], options: RunOptions = {}): Promise<ProgramResult> {
  const { env = process.env, cwd = repository, timeoutMs = 120_000 } = options
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.stderr.on('data', (chunk) => (stderr += chunk))
    child.on('error', reject)
    // `exit`, not `close`: a cloud that was started detached may hold the pipes.
    child.on('exit', (code) => setImmediate(() => resolve({ code: code ?? -1, stdout, stderr })))
  })
}

/** Runs `./pileus` with these arguments. */
export async function pileus(args: readonly string[], options: RunOptions = {}): Promise<ProgramResult> {
  return await runProgram(process.execPath, [join(repository, 'pileus'), ...args], options)
}

/** Standard output of `./pileus`. @throws Error with all it said when it fails */
export async function pileusOutput(args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await pileus(args, options)
  if (code !== 0) throw new Error(`pileus ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`)
  return stdout
}

/** The environment of a shell after `eval "$(./pileus env …)"`. */
export async function environmentOf(dataDir: string, ...more: string[]): Promise<NodeJS.ProcessEnv> {
  const exports = await pileusOutput(['env', '--data', dataDir, ...more])
  const shell = await runProgram('sh', ['-c', 'eval "$1"; env -0', 'sh', exports])
  const lines = shell.stdout.split('\0').filter((line) => line.includes('='))
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}
