/**
 * `micro`: Debian's cloud kernel and a BusyBox system with the QEMU guest agent, made to be up in a second or two even
 * where guests run without hardware help. Nothing on the host is changed and no root is needed.
 */
import { chmod, copyFile, cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { effect } from '@pileus/kernel/effects'
import type { Recipe, Workshop } from './build.ts'
import { makeDiskImage } from './disk-image.ts'
import { makeInitramfs } from './initramfs.ts'
import { writeUnpackedKernel } from './kernel-image.ts'
import { firstKnownPackage, listNeededLibraries, listNeededPackages, unpackPackages } from './packages.ts'
import { runProgram } from './tool.ts'

/** Debian packages a host needs to build `micro`. fakeroot only if the builder is not root. */
export const requiredDebianPackagesForMicro = ['e2fsprogs', 'fakeroot', 'lz4', 'qemu-utils', 'zstd'] as const

/** Kernels that suit, best first: Debian's, then Ubuntu's. */
const kernelPackages = ['linux-image-cloud-amd64', 'linux-image-virtual']

/** Modules by the moment they are needed: to see disk, agent and network; after the machine is up. */
const modulePhases = {
  early: ['virtio_pci', 'virtio_blk', 'virtio_console', 'virtio_net', 'ext4'],
  late: ['virtio_rng', 'button', 'evdev'],
} as const

/**
 * What each word saves: measuring the clock and probing timers, testing ciphers, looking for serial ports and mice
 * that QEMU does not have, moving the kernel to a random address, rewriting it for a single CPU, access control modules
 * without a policy, filling every page with zeros before each use (a tenth of the time until the machine is up, without
 * hardware help), and kernel lines on a slow console.
 */
const cmdline = [
  'console=ttyS0 quiet panic=1 nokaslr',
  'tsc=reliable no_timer_check cryptomgr.notests noreplace-smp lsm= init_on_alloc=0',
  '8250.nr_uarts=1 i8042.noaux random.trust_cpu=on',
].join(' ')

export const microRecipe: Recipe = {
  facts: {
    id: 'pileus_micro_x64.qcow2',
    family: 'micro',
    name: 'pileus_micro_x64',
    osName: 'Pileus Micro 64 bit',
    platform: 'Others Linux',
    sizeGiB: 20,
    minMemoryMiB: 128,
    kernel: 'vmlinux',
    initrd: 'initrd.img',
    disk: 'disk.qcow2',
    cmdline,
  },
  guestFolder: 'micro',
  revision: 1,
  tools: ['lz4'],
  make: makeMicro,
}

async function makeMicro(workshop: Workshop): Promise<void> {
  const { scratchDir, outDir, guestDir, signal, progress } = workshop
  const packagesDir = join(scratchDir, 'packages')
  const rootDir = join(scratchDir, 'root')

  progress('downloading packages', 0.1)
  await unpackParts(workshop, packagesDir)

  progress('collecting kernel and modules', 0.5)
  const kernel = await theOnly(join(packagesDir, 'boot'), /^vmlinuz-/)
  await writeUnpackedKernel(kernel, join(outDir, microRecipe.facts.kernel), workshop)
  const busybox = join(packagesDir, 'bin', 'busybox')
  const initrd = await makeInitramfs({
    modulesDir: await theOnly(join(packagesDir, 'lib', 'modules'), /./),
    busybox,
    init: join(guestDir, 'micro', 'initramfs', 'init'),
    phases: modulePhases,
  })
  await effect('write initramfs', () => writeFile(join(outDir, 'initrd.img'), initrd))

  progress('making the root file system', 0.6)
  await makeRoot(packagesDir, busybox, join(guestDir, 'micro', 'root'), rootDir)

  progress('making the disk', 0.7)
  await makeDiskImage({
    content: { folder: rootDir },
    sizeGiB: microRecipe.facts.sizeGiB,
    label: 'micro',
    uuid: 'b3a2f7c4-5b0e-4c2e-9a51-6d6963726f01',
    target: join(outDir, microRecipe.facts.disk),
    scratchDir,
    signal,
  })
}

async function unpackParts(apt: Workshop, packagesDir: string): Promise<void> {
  const kernelMeta = await firstKnownPackage(apt, kernelPackages)
  const kernel = (await listNeededPackages(apt, kernelMeta)).filter((name) => /^linux-(image|modules)-\d/.test(name))
  // Libraries only: what else the agent's package depends on serves its installation.
  const libraries = (await listNeededPackages(apt, 'qemu-guest-agent')).filter((name) => /^(lib|zlib)/.test(name))
  const tools = (await listNeededPackages(apt, 'e2fsprogs')).filter((name) => /^lib/.test(name))
  const names = new Set([
    ...kernel,
    ...libraries.filter((name) => !/perl/.test(name)),
    ...tools,
    'busybox-static',
    'qemu-guest-agent',
    'e2fsprogs',
  ])
  await effect('make unpack folder', () => mkdir(packagesDir, { recursive: true }))
  await unpackPackages(apt, [...names], packagesDir)
}

async function makeRoot(packagesDir: string, busybox: string, guestRoot: string, rootDir: string): Promise<void> {
  const applets = (await runProgram(busybox, 'busybox-static', ['--list'])).trim().split('\n')
  const agent = join(packagesDir, 'usr', 'sbin', 'qemu-ga')
  const resize = join(packagesDir, 'sbin', 'resize2fs')
  const libraries = await listLibraryFiles([agent, resize], packagesDir)
  await effect('make root file system', async () => {
    for (const folder of rootFolders) await mkdir(join(rootDir, folder), { recursive: true })
    await chmod(join(rootDir, 'tmp'), 0o1777)
    await chmod(join(rootDir, 'root'), 0o700)
    await cp(guestRoot, rootDir, { recursive: true })
    await chmod(join(rootDir, 'etc', 'shadow'), 0o600)
    await copyFile(busybox, join(rootDir, 'bin', 'busybox'))
    for (const applet of applets) {
      if (applet !== 'busybox' && !orderlyEnds.includes(applet)) {
        await symlink('busybox', join(rootDir, 'bin', applet))
      }
    }
    for (const name of orderlyEnds) await symlink('shutdown', join(rootDir, 'sbin', name))
    await symlink('../bin/busybox', join(rootDir, 'sbin', 'init'))
    const sectors = microRecipe.facts.sizeGiB * 1024 ** 2 * 2
    await writeFile(join(rootDir, 'var', 'lib', 'pileus', 'disk-sectors'), `${sectors}\n`)
    await symlink('../run/modules', join(rootDir, 'lib', 'modules'))
    await symlink('../proc/self/mounts', join(rootDir, 'etc', 'mtab'))
    await symlink('/bin/env', join(rootDir, 'usr', 'bin', 'env'))
    await copyFile(agent, join(rootDir, 'usr', 'sbin', 'qemu-ga'))
    await copyFile(resize, join(rootDir, 'sbin', 'resize2fs'))
    for (const [name, file] of libraries) {
      const folder = name.startsWith('ld-linux') ? 'lib64' : 'lib/x86_64-linux-gnu'
      await copyFile(file, join(rootDir, folder, name))
      await chmod(join(rootDir, folder, name), 0o755)
    }
  })
}

const rootFolders = [
  ...['bin', 'sbin', 'usr/bin', 'usr/sbin', 'lib/x86_64-linux-gnu', 'lib64', 'etc', 'dev', 'proc', 'sys', 'run'],
  ...['tmp', 'root', 'home', 'mnt', 'var/log', 'var/lib/pileus', 'var/tmp'],
]

/** BusyBox's own would skip the orderly end of `/sbin/shutdown`. */
const orderlyEnds = ['poweroff', 'reboot', 'halt']

/** Every shared library the programs need, by name, with the file in the unpacked packages. */
async function listLibraryFiles(programs: readonly string[], packagesDir: string): Promise<Map<string, string>> {
  const available = new Map<string, string>()
  for (const folder of ['lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu']) {
    for (const name of await readdir(join(packagesDir, folder)).catch(() => [])) {
      available.set(name, join(packagesDir, folder, name))
    }
  }
  const found = new Map<string, string>()
  const visit = async (file: string) => {
    for (const name of await listNeededLibraries(file)) {
      if (found.has(name)) continue
      const library = available.get(name)
      if (library === undefined) throw new Error(`${basename(file)} needs ${name}, which no package brought`)
      found.set(name, library)
      await visit(library)
    }
  }
  for (const program of programs) await visit(program)
  // Programs name their loader by path, not as a library.
  const loader = 'ld-linux-x86-64.so.2'
  found.set(loader, found.get(loader) ?? join(dirname(found.get('libc.so.6')!), loader))
  return found
}

async function theOnly(folder: string, pattern: RegExp): Promise<string> {
  const names = (await readdir(folder)).filter((name) => pattern.test(name))
  if (names.length !== 1) throw new Error(`expected one file like ${pattern} in ${folder}, found ${names.length}`)
  return join(folder, names[0]!)
}
