import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { shortDirectory } from '@pileus/kernel/short-directory'
import { CliError } from './cli-error.ts'

/** Root of the checkout, set by the launcher. */
export function installDir(): string {
  return process.env['PILEUS_ROOT'] ?? process.cwd()
}

/**
 * Where a cloud keeps everything. Root's is under /var/lib, because the database and the machines run as other
 * users, who cannot pass through root's home.
 */
export function dataDirOf(options: { data?: string | undefined }): string {
  if (options.data !== undefined) {
    // Empty, it comes from a variable that is not set; the default is not what was meant.
    if (options.data.trim() === '') throw new CliError('--data (or PILEUS_DATA) names no directory; name one')
    return resolve(options.data)
  }
  return process.getuid?.() === 0 ? '/var/lib/pileus' : join(homedir(), '.pileus')
}

/** Made when missing; others may pass through it, but see nothing of what is inside. */
export function ensureDataDir(dataDir: string): void {
  if (existsSync(dataDir)) return
  // One at a time: Node's `recursive` never ends where the system refuses with ENOENT, as it does below /proc.
  ensureDataDir(dirname(dataDir))
  mkdirSync(dataDir, { mode: 0o711 })
}

/** What a running cloud writes for the other commands; only its user reads it. */
export function readyFile(dataDir: string): string {
  return join(dataDir, 'run', 'cloud.json')
}

/** Socket on which the control plane answers agents and these commands. */
export function controlSocket(dataDir: string): string {
  const name = 'control.sock'
  if (process.platform === 'win32') return `\\\\.\\pipe\\pileus-${Buffer.from(dataDir).toString('hex').slice(-40)}`
  return join(shortDirectory(dataDir, 'run', name.length), name)
}

export function readReady<T>(dataDir: string): T | undefined {
  const file = readyFile(dataDir)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : undefined
}
