/** Runs the machine's own programs, such as `ip`. */
import { spawn } from 'node:child_process'

const maxOutputBytes = 16 * 1024 * 1024

export class CommandError extends Error {
  readonly exitCode: number | null
  readonly stderr: string
  constructor(command: string, exitCode: number | null, stderr: string) {
    super(`${command}: ${stderr.trim() || `exit code ${exitCode}`}`)
    this.name = 'CommandError'
    this.exitCode = exitCode
    this.stderr = stderr
  }
}

export interface RunOptions {
  /** Written to standard input. */
  input?: string
  env?: NodeJS.ProcessEnv
}

/**
 * Standard output of a program that ends well.
 * @throws CommandError when it ends otherwise or cannot be started
 */
export async function run(file: string, args: string[], options: RunOptions = {}): Promise<string> {
  return await new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], env: options.env ?? process.env })
    const output: Buffer[] = []
    const errors: Buffer[] = []
    let bytes = 0
    const collect = (into: Buffer[]) => (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= maxOutputBytes) into.push(chunk)
    }
    child.stdout.on('data', collect(output))
    child.stderr.on('data', collect(errors))
    // A program that ends without reading its input is judged by its exit code.
    child.stdin.on('error', () => {})
    child.stdin.end(options.input ?? '')
    const command = [file, ...args].join(' ')
    child.on('error', (error) => reject(new CommandError(command, null, error.message)))
    child.on('close', (exitCode) => {
      if (exitCode === 0) resolve(Buffer.concat(output).toString('utf8'))
      else reject(new CommandError(command, exitCode, Buffer.concat(errors).toString('utf8')))
    })
  })
}
