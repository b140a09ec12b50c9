/** What this machine has of what the real engine needs. */
import { execFile, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { requiredPrograms as imagePrograms } from '@pileus/dataplane/images/tool'
import { requiredPrograms as networkPrograms } from '@pileus/dataplane/network/host'
import { requiredPrograms as machinePrograms } from '@pileus/dataplane/qemu/required-programs'

const run = promisify(execFile)

export interface RequiredProgram {
  program: string
  debianPackage: string
}

export interface Requirement {
  name: string
  met: boolean
  /** What was found, or what is missing. */
  fact: string
  /** How to get it; absent when met. */
  remedy?: string
  /** Without it the real engine cannot run; others only make it better. */
  needed: boolean
}

/** Programs of the real engine, with the Debian package each comes from. */
const enginePrograms = [...networkPrograms, ...machinePrograms, ...imagePrograms]

/** Debian packages to install, given what programs this machine lacks. */
export function missingPackages(programs: readonly RequiredProgram[] = enginePrograms): string[] {
  const missing = programs.filter(({ program }) => !hasProgram(program))
  return [...new Set(missing.map(({ debianPackage }) => debianPackage))]
}

function hasProgram(program: string): boolean {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin']
  return directories.some((directory) => existsSync(join(directory, program)))
}

/** Checks each thing the real engine needs. */
export async function checkRequirements(): Promise<Requirement[]> {
  const linux = process.platform === 'linux'
  const root = process.getuid?.() === 0
  const missing = linux ? missingPackages() : []
  const free = await freeMemoryMiB()
  return [
    requirement(
      'operating system',
      linux,
      process.platform,
      'the real engine needs Linux; elsewhere use --engine simulated',
    ),
    requirement(
      'architecture',
      process.arch === 'x64',
      process.arch,
      'the real engine runs x86-64 guests on x86-64 machines',
    ),
    requirement(
      'root',
      root,
      root ? 'yes' : `uid ${process.getuid?.()}`,
      'run with sudo: network namespaces and taps need root',
    ),
    requirement(
      'Debian packages',
      missing.length === 0,
      missing.length === 0 ? `${enginePrograms.length} programs found` : `missing: ${missing.join(' ')}`,
      `apt-get install --no-install-recommends ${missing.join(' ')} (as root, \`up\` does this itself)`,
    ),
    requirement(
      '/dev/net/tun',
      existsSync('/dev/net/tun'),
      existsSync('/dev/net/tun') ? 'there' : 'absent',
      'modprobe tun, or give the container this device',
    ),
    requirement(
      'network namespaces',
      await canMakeNamespaces(root),
      root ? 'checked with unshare' : 'need root',
      'the container needs CAP_SYS_ADMIN and CAP_NET_ADMIN',
    ),
    requirement('memory', free > 1024, `${free} MiB available`, 'the smallest machine takes 0.5 GiB; free some memory'),
    {
      ...requirement(
        '/dev/kvm',
        existsSync('/dev/kvm'),
        existsSync('/dev/kvm') ? 'there (`up` proves it by running a guest)' : 'absent',
        'without KVM machines run under emulation, several times slower',
      ),
      needed: false,
    },
  ]
}

function requirement(name: string, met: boolean, fact: string, remedy: string): Requirement {
  return met ? { name, met, fact, needed: true } : { name, met, fact, remedy, needed: true }
}

async function canMakeNamespaces(root: boolean): Promise<boolean> {
  if (!root || process.platform !== 'linux') return false
  return await run('unshare', ['--net', 'true']).then(
    () => true,
    () => false,
  )
}

async function freeMemoryMiB(): Promise<number> {
  if (!existsSync('/proc/meminfo')) return (await import('node:os')).freemem() / 1024 ** 2
  const kib = /^MemAvailable:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]
  return Math.round(Number(kib ?? 0) / 1024)
}

/** Where dpkg keeps what it has begun and not finished. */
const dpkgJournal = '/var/lib/dpkg/updates'

/**
 * Installs Debian packages without starting their services: this cloud runs its own. Needs root. An installation that
 * has begun is finished even when the signal asks to stop, since half a package hinders every later one.
 */
export async function installPackages(
  packages: readonly string[],
  onProgress: (step: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if (existsSync(dpkgJournal) && readdirSync(dpkgJournal).length > 0) {
    onProgress('finishing an installation that was cut off')
    await runApart('dpkg', ['--configure', '-a'])
  }
  onProgress('refreshing the list of Debian packages')
  await runApart('apt-get', ['update', '-q'], signal)
  signal.throwIfAborted()
  onProgress(`installing ${packages.join(' ')}`)
  await runApart('apt-get', [
    ...['install', '-q', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'],
    ...packages,
  ])
  signal.throwIfAborted()
}

/** In a process group of its own, which Ctrl-C at the terminal does not reach. */
async function runApart(program: string, args: readonly string[], signal?: AbortSignal): Promise<void> {
  await new Promise<void>((done, fail) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
      ...(signal ? { signal } : {}),
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4_000)
    })
    child.once('error', fail)
    child.once('close', (code) =>
      code === 0 ? done() : fail(new Error(stderr.trim() || `${program} ended with ${code}`)),
    )
  })
}
