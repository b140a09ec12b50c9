import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type CpioEntry, cpioArchive } from './cpio.ts'
import { KernelModules } from './kernel-modules.ts'

export interface InitramfsParts {
  /** `.../lib/modules/<version>` of the kernel that will be started. */
  modulesDir: string
  /** A statically linked BusyBox. */
  busybox: string
  /** The first program. */
  init: string
  /** Modules by phase; `/lib/modules/<phase>` names those of each that the kernel does not hold itself. */
  phases: Readonly<Record<string, readonly string[]>>
}

/** The bytes of an initramfs that holds BusyBox, a first program and kernel modules ready for modprobe. */
export async function makeInitramfs({ modulesDir, busybox, init, phases }: InitramfsParts): Promise<Buffer> {
  const modules = await KernelModules.open(modulesDir)
  const version = basename(modulesDir)
  const entries: CpioEntry[] = []
  const addFolder = (path: string) => entries.push({ kind: 'directory', path, mode: 0o755 })
  const addFile = (path: string, content: Uint8Array, mode = 0o644) =>
    entries.push({ kind: 'file', path, mode, content })

  for (const folder of ['bin', 'dev', 'newroot', 'lib', 'lib/modules', `lib/modules/${version}`]) addFolder(folder)
  // The kernel opens it for the first program's messages before anything is mounted.
  entries.push({ kind: 'device', path: 'dev/console', mode: 0o600, major: 5, minor: 1 })
  addFile('bin/busybox', await readFile(busybox), 0o755)
  addFile('init', await readFile(init), 0o755)
  for (const [phase, wanted] of Object.entries(phases)) {
    const names = wanted.filter((name) => !modules.isBuiltIn(name))
    addFile(`lib/modules/${phase}`, Buffer.from(`${names.join(' ')}\n`))
  }
  const included = await modules.listWithNeeded(Object.values(phases).flat())
  for (const { name, content } of included) addFile(`lib/modules/${version}/${name}.ko`, content)
  const index = included.map(({ name, needs }) => `${name}.ko:${needs.map((needed) => ` ${needed}.ko`).join('')}\n`)
  addFile(`lib/modules/${version}/modules.dep`, Buffer.from(index.join('')))
  return cpioArchive(entries)
}
