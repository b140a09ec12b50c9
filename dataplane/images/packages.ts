/**
 * Takes files out of Debian packages without installing them, so that building an image changes nothing on the host:
 * a kernel installed by apt, for one, would enter the host's boot menu. Sources are the host's own.
 */
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { effect } from '@pileus/kernel/effects'
import { runTool } from './tool.ts'

/** How apt is used for one build. */
export interface Apt {
  /** Downloads and, if the host's are missing, package lists are kept here. */
  cacheDir: string
  /** Apt's own index goes here: without one (containers switch it off) each question takes a second. */
  scratchDir: string
  signal: AbortSignal | undefined
}

function indexOptions({ scratchDir }: Apt): string[] {
  const settings = [`Dir::Cache=${join(scratchDir, 'apt')}`, 'Dir::Cache::pkgcache=pkg', 'Dir::Cache::srcpkgcache=src']
  return settings.flatMap((setting) => ['-o', setting])
}

/** Makes apt use lists of our own, for hosts whose lists are empty or which forbid us to update them. */
function ownLists(apt: Apt): string[] {
  return [...indexOptions(apt), '-o', `Dir::State::lists=${join(apt.cacheDir, 'lists')}`]
}

/** Unpacks the newest version of each package into `targetDir`. */
export async function unpackPackages(apt: Apt, names: readonly string[], targetDir: string): Promise<void> {
  for (const file of await downloadPackages(apt, names)) {
    await runTool('dpkg-deb', ['--extract', file, targetDir], { signal: apt.signal })
  }
}

/** Downloads packages, except those downloaded before, and gives the paths of the files. */
async function downloadPackages(apt: Apt, names: readonly string[]): Promise<string[]> {
  const { cacheDir, signal } = apt
  const folder = join(cacheDir, 'packages')
  await effect('make package cache', () => mkdir(folder, { recursive: true }))
  const options = await listOptions(apt, names)
  const versions = await listVersions(options, names, signal)
  const find = async () => {
    const files = await readdir(folder)
    return names.map((name) => {
      const start = `${name}_${versions.get(name)?.replaceAll(':', '%3a')}_`
      return { name, file: files.find((file) => file.startsWith(start)) }
    })
  }
  const missing = (await find()).filter(({ file }) => file === undefined).map(({ name }) => name)
  if (missing.length > 0) {
    await runTool('apt-get', [...options, '-q', 'download', ...missing], { cwd: folder, signal })
  }
  return (await find()).map(({ name, file }) => {
    if (file === undefined) throw new Error(`apt did not download ${name}`)
    return join(folder, file)
  })
}

/** Gives apt's options with which all of `names` are known; fetches lists of our own if the host's do not do. */
async function listOptions(apt: Apt, names: readonly string[]): Promise<string[]> {
  await effect('make apt folders', async () => {
    await mkdir(join(apt.scratchDir, 'apt', 'archives', 'partial'), { recursive: true })
    await mkdir(join(apt.cacheDir, 'lists', 'partial'), { recursive: true })
  })
  for (const options of [indexOptions(apt), ownLists(apt)]) {
    if (await areKnown(options, names, apt.signal)) return options
  }
  await runTool('apt-get', [...ownLists(apt), 'update', '-q'], { signal: apt.signal })
  return ownLists(apt)
}

async function areKnown(options: string[], names: readonly string[], signal: AbortSignal | undefined) {
  return (await listVersions(options, names, signal)).size === names.length
}

/** The version apt would fetch of each package that it knows. */
async function listVersions(options: string[], names: readonly string[], signal: AbortSignal | undefined) {
  const text = await runTool('apt-cache', [...options, 'policy', ...names], { signal })
  const matches = [...text.matchAll(/^(\S+):\n {2}Installed: .*\n {2}Candidate: (.*)$/gm)]
  return new Map(matches.filter((match) => match[2] !== '(none)').map((match) => [match[1]!, match[2]!]))
}

/** Names of the packages that `name` needs, itself included, in no particular order. */
export async function listNeededPackages(apt: Apt, name: string): Promise<string[]> {
  const options = await listOptions(apt, [name])
  const kinds = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map((kind) => `--no-${kind}`)
  const text = await runTool('apt-cache', [...options, 'depends', '--recurse', ...kinds, name], { signal: apt.signal })
  return [...text.matchAll(/^([a-z0-9][^\s:<>]*)$/gm)].map((match) => match[1]!)
}

/** The first of `names` that the host's sources have. @throws Error if they have none. */
export async function firstKnownPackage(apt: Apt, names: readonly string[]): Promise<string> {
  for (const name of names) {
    if (await areKnown(await listOptions(apt, [name]), [name], apt.signal)) return name
  }
  throw new Error(`none of the packages ${names.join(', ')} is in this machine's apt sources`)
}

/** Names of the shared libraries a program or library (64-bit ELF) asks for directly; empty if it is static. */
export async function listNeededLibraries(file: string): Promise<string[]> {
  const elf = await readFile(file)
  if (elf.length < 64 || elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2)
    throw new Error(`${file} is not 64-bit ELF`)
  const headers = Array.from({ length: elf.readUInt16LE(56) }, (_, index) => {
    const at = Number(elf.readBigUInt64LE(32)) + index * elf.readUInt16LE(54)
    const field = (offset: number) => Number(elf.readBigUInt64LE(at + offset))
    return { type: elf.readUInt32LE(at), fileOffset: field(8), address: field(16), sizeBytes: field(32) }
  })
  const dynamic = headers.find((header) => header.type === 2)
  if (!dynamic) return []
  const neededOffsets: number[] = []
  let stringsAddress = 0
  for (let at = dynamic.fileOffset; at < dynamic.fileOffset + dynamic.sizeBytes; at += 16) {
    const tag = Number(elf.readBigUInt64LE(at))
    const value = Number(elf.readBigUInt64LE(at + 8))
    if (tag === 1) neededOffsets.push(value)
    if (tag === 5) stringsAddress = value
  }
  const segment = headers.find(
    ({ type, address, sizeBytes }) => type === 1 && stringsAddress >= address && stringsAddress < address + sizeBytes,
  )
  if (!segment) throw new Error(`${file} has no dynamic string table`)
  const strings = stringsAddress - segment.address + segment.fileOffset
  return neededOffsets.map((offset) => elf.toString('latin1', strings + offset, elf.indexOf(0, strings + offset)))
}
