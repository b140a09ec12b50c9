/**
 * `debian-12`: Debian 12 with systemd, cloud-init, OpenSSH and the QEMU guest agent, made by mmdebstrap from the mirror
 * that the host itself uses.
 */
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { effect } from '@pileus/kernel/effects'
import { readDebianSources, readTransportOptions } from './apt-sources.ts'
import type { Recipe, Workshop } from './build.ts'
import { makeDiskImage } from './disk-image.ts'
import { makeInitramfs } from './initramfs.ts'
import { unpackPackages } from './packages.ts'
import { runTool } from './tool.ts'

/** Debian packages a host needs to build `debian-12`. fakeroot and uidmap only if the builder is not root. */
export const requiredDebianPackagesForDebian = [
  'debian-archive-keyring',
  'e2fsprogs',
  'fakeroot',
  'mmdebstrap',
  'qemu-utils',
  'uidmap',
] as const

const release = 'bookworm'

const packages = [
  ...['systemd', 'systemd-sysv', 'systemd-resolved', 'dbus', 'udev', 'kmod', 'linux-image-cloud-amd64'],
  ...['cloud-init', 'qemu-guest-agent', 'openssh-server', 'sudo', 'ca-certificates', 'debian-archive-keyring'],
  ...['iproute2', 'iputils-ping', 'curl', 'wget', 'netbase', 'procps', 'less', 'vim-tiny', 'e2fsprogs', 'tzdata'],
]

/** The console is serial; the other words save waiting for clocks, self-tests and devices that QEMU does not have. */
const cmdline = [
  'console=ttyS0 root=/dev/vda rw quiet net.ifnames=0 panic=10 systemd.show_status=no',
  'tsc=reliable no_timer_check cryptomgr.notests 8250.nr_uarts=1 i8042.noaux random.trust_cpu=on',
].join(' ')

export const debianRecipe: Recipe = {
  facts: {
    id: 'pileus_debian_12_x64_20G.qcow2',
    family: 'debian-12',
    name: 'pileus_debian_12_x64_20G',
    osName: 'Debian 12 64 bit',
    platform: 'Debian',
    sizeGiB: 20,
    minMemoryMiB: 512,
    kernel: 'vmlinuz',
    initrd: 'initrd.img',
    disk: 'disk.qcow2',
    cmdline,
  },
  guestFolder: 'debian-12',
  revision: 1,
  tools: ['mmdebstrap'],
  make: makeDebian,
}

async function makeDebian(workshop: Workshop): Promise<void> {
  const { scratchDir, outDir, guestDir, signal, progress } = workshop
  const guest = join(guestDir, 'debian-12')
  const rootTar = join(scratchDir, 'root.tar')

  await installDebian(workshop, guest, rootTar)

  progress('making the initramfs', 0.8)
  const toolsDir = join(scratchDir, 'tools')
  await effect('make unpack folder', () => mkdir(toolsDir))
  await unpackPackages(workshop, ['busybox-static'], toolsDir)
  const modulesRoot = join(scratchDir, 'modules')
  const version = (await readdir(modulesRoot))[0]
  if (version === undefined) throw new Error('the new system has no kernel modules')
  const initrd = await makeInitramfs({
    modulesDir: join(modulesRoot, version),
    busybox: join(toolsDir, 'bin', 'busybox'),
    init: join(guest, 'init'),
    phases: { early: ['virtio_pci', 'virtio_blk', 'virtio_net', 'virtio_console', 'ext4'] },
  })
  await effect('write kernel and initramfs', async () => {
    await writeFile(join(outDir, 'initrd.img'), initrd)
    await copyFile(join(scratchDir, 'boot', `vmlinuz-${version}`), join(outDir, 'vmlinuz'))
  })

  progress('making the disk', 0.85)
  await makeDiskImage({
    content: { tar: rootTar },
    sizeGiB: debianRecipe.facts.sizeGiB,
    label: 'debian',
    uuid: 'b3a2f7c4-5b0e-4c2e-9a51-646562313202',
    target: join(outDir, debianRecipe.facts.disk),
    scratchDir,
    signal,
  })
}

async function installDebian({ scratchDir, signal, progress }: Workshop, guest: string, rootTar: string) {
  progress('finding the mirror', 0)
  const sources = join(scratchDir, 'debian.list')
  const lines = await readDebianSources(release)
  const transport = await readTransportOptions(signal)
  await effect('write sources', () => writeFile(sources, `${lines.join('\n')}\n`))
  const args = [
    ...['--variant=minbase', '--architectures=amd64', '--format=tar', `--include=${packages.join(',')}`],
    ...['--aptopt=Apt::Install-Recommends "false"', ...transport.map((option) => `--aptopt=${option}`)],
    ...['--dpkgopt=path-exclude=/usr/share/man/*', '--dpkgopt=path-exclude=/usr/share/locale/*'],
    `--customize-hook=sh '${quoted(guest)}/customize' "$1" '${quoted(guest)}'`,
    `--customize-hook=copy-out /boot '${quoted(scratchDir)}'`,
    `--customize-hook=copy-out /lib/modules '${quoted(scratchDir)}'`,
    ...[release, rootTar, sources],
  ]
  // Not older than the packages: their compiled Python files are only used while dates are as they were installed.
  const epoch = process.env['SOURCE_DATE_EPOCH'] ?? String(Math.floor(Date.now() / 1000))
  progress('installing packages', 0.05)
  await runTool('mmdebstrap', args, {
    signal,
    env: { SOURCE_DATE_EPOCH: epoch, INITRD: 'No', TMPDIR: scratchDir },
    onErrorLine: (line) => {
      const step = line.match(/^I: (downloading|installing|extracting|running|cleaning|creating)[^.]*/)?.[0]
      if (step) progress(step.slice(3), installFractions.find(([words]) => step.includes(words))?.[1])
    },
  })
}

/** How far along mmdebstrap is when it says so; measured, and only meant to move a bar. */
const installFractions: [string, number][] = [
  ['downloading packages', 0.1],
  ['extracting', 0.2],
  ['installing essential', 0.25],
  ['installing remaining', 0.4],
  ['running --customize', 0.7],
  ['cleaning', 0.72],
  ['creating tarball', 0.75],
]

/** For use between the single quotes of a shell. */
function quoted(path: string): string {
  return path.replaceAll("'", "'\\''")
}
