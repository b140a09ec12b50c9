/** Runs the system's programs for the image builders, and says which Debian package brings a missing one. */
import { type SpawnOptions, spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { effect } from '@pileus/kernel/effects'

/** Debian package that brings each program. */
const packageOf = {
  'apt-cache': 'apt',
  'apt-get': 'apt',
  'apt-config': 'apt',
  'dpkg-deb': 'dpkg',
  env: 'coreutils',
  fakeroot: 'fakeroot',
  lz4: 'lz4',
  mke2fs: 'e2fsprogs',
  mmdebstrap: 'mmdebstrap',
  'qemu-img': 'qemu-utils',
  zstd: 'zstd',
} as const

/** Programs that building images needs, with the Debian package each comes from. */
export const requiredPrograms: readonly { program: string; debianPackage: string }[] = Object.entries(packageOf).map(
  ([program, debianPackage]) => ({ program, debianPackage }),
)

/** A program the builders know. */
export type Tool = keyof typeof packageOf

/** A program is not installed; `debianPackage` brings it. */
export class MissingToolError extends Error {
  readonly tool: string
  readonly debianPackage: string

  constructor(tool: string, debianPackage: string) {
    super(`${tool} is not installed; the Debian package ${debianPackage} brings it`)
    this.name = 'MissingToolError'
    this.tool = tool
    this.debianPackage = debianPackage
  }
}

export interface ToolOptions {
  cwd?: string
  /** Added to this process's environment. */
  env?: Record<string, string>
  /** Ends the program and its children; the call then throws the signal's reason. */
  signal?: AbortSignal | undefined
  /** Called with each line of standard error as it comes. */
  onErrorLine?: (line: string) => void
}

/** How long a program has to end itself after being asked to. */
const graceMs = 10_000

/** The path that makes programs of the administrator (`mke2fs`) reachable for everybody. */
export function toolPath(): string {
  return `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`
}

/** @throws MissingToolError for the first of `tools` that is not installed. */
export async function assertToolsInstalled(tools: readonly Tool[]): Promise<void> {
  for (const tool of tools) {
    const places = toolPath()
      .split(':')
      .filter((folder) => folder !== '')
    const found = await Promise.all(places.map((folder) => isExecutable(join(folder, tool))))
    if (!found.includes(true)) throw new MissingToolError(tool, packageOf[tool])
  }
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

/**
 * Runs a program to its end and gives its standard output.
 * @throws MissingToolError if it is not installed; Error with the end of its standard error if it fails.
 */
export async function runTool(tool: Tool, args: readonly string[], options: ToolOptions = {}): Promise<string> {
  return effect(`run ${tool}`, () => runProgram(tool, packageOf[tool], args, options))
}

/** Like `runTool`, for a program given by its path, such as one out of a package just unpacked. */
export function runProgram(
  program: string,
  debianPackage: string,
  args: readonly string[],
  { cwd, env, signal, onErrorLine }: ToolOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const options: SpawnOptions = {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Its own process group, so that an abort reaches what the program started too.
      detached: true,
      env: { ...process.env, PATH: toolPath(), LC_ALL: 'C', ...env },
      ...(cwd === undefined ? {} : { cwd }),
    }
    const child = spawn(program, [...args], options)
    const output: Buffer[] = []
    let errorText = ''
    child.stdout?.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (errorText.slice(errorText.lastIndexOf('\n') + 1) + chunk).split('\n')
      for (const line of lines.slice(0, -1)) onErrorLine?.(line)
      errorText = (errorText + chunk).slice(-4000)
    })

    let killTimer: NodeJS.Timeout | undefined
    const endGroup = (how: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, how)
      } catch (error) {
        // It ended on its own in the meantime.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
      }
    }
    const onAbort = () => {
      endGroup('SIGTERM')
      killTimer = setTimeout(() => endGroup('SIGKILL'), graceMs)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    // This process is told to end at once: nobody is left to wait for the program.
    const onExit = () => endGroup('SIGKILL')
    process.once('exit', onExit)
    const settle = (finish: () => void) => {
      signal?.removeEventListener('abort', onAbort)
      process.removeListener('exit', onExit)
      clearTimeout(killTimer)
      finish()
    }

    child.once('error', (error: NodeJS.ErrnoException) =>
      settle(() => reject(error.code === 'ENOENT' ? new MissingToolError(program, debianPackage) : error)),
    )
    child.once('close', (code, killedBy) =>
      settle(() => {
        if (signal?.aborted) reject(signal.reason)
        else if (code === 0) resolve(Buffer.concat(output).toString('utf8'))
        else
          reject(
            new Error(`${program} ${code === null ? `died of ${killedBy}` : `failed (${code})`}: ${errorText.trim()}`),
          )
      }),
    )
  })
}
