/** For tests: an image that boots in an instant, from the host's Debian cloud kernel and busybox. */
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type CpioEntry, cpioArchive } from '../../images/cpio.ts'

export const tinyImageId = 'tiny'

/** Why this machine cannot run tests with real machines; undefined when it can. */
export function findMachineObstacle(): string | undefined {
  const missing = [
    ['qemu-system-x86_64', 'qemu-system-x86'],
    ['qemu-img', 'qemu-utils'],
    ['busybox', 'busybox-static'],
  ].filter(([program]) => spawnSync('which', [program!]).status !== 0)
  if (missing.length > 0) return `needs Debian packages: ${missing.map(([, name]) => name).join(' ')}`
  return findKernel() ? undefined : 'needs the Debian package linux-image-cloud-amd64'
}

function findKernel(): string | undefined {
  const names = existsSync('/boot') ? readdirSync('/boot') : []
  return names.filter((name) => /^vmlinuz-.*-cloud-amd64$/.test(name)).at(-1)
}

/** In the order in which they must be loaded; some kernels have some of them built in. */
const modulePaths = [
  ...['virtio_ring', 'virtio', 'virtio_pci_legacy_dev', 'virtio_pci_modern_dev', 'virtio_pci'].map(
    (name) => `virtio/${name}.ko`,
  ),
  'block/virtio_blk.ko',
]

/** Counts its boots on its disk and prints how long it has been up; it ignores the power button. */
const init = `#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
for module in ${modulePaths.map((path) => basename(path, '.ko')).join(' ')}; do
  [ -e /modules/$module.ko ] && /bin/busybox insmod /modules/$module.ko
done
boots=$(/bin/busybox dd if=/dev/vda bs=512 count=1 2>/dev/null | /bin/busybox tr -cd x | /bin/busybox wc -c)
/bin/busybox printf x | /bin/busybox dd of=/dev/vda bs=1 seek=$boots conv=notrunc 2>/dev/null
/bin/busybox sync
echo "tiny: boot number $((boots + 1))"
if /bin/busybox grep -q tiny.poweroff /proc/cmdline; then /bin/busybox sleep 1; /bin/busybox poweroff -f; fi
if /bin/busybox grep -q tiny.fill /proc/cmdline; then
  /bin/busybox dd if=/dev/urandom of=/dev/vda bs=1M count=8 seek=1 conv=fsync 2>/dev/null && echo "tiny: filled"
fi
if /bin/busybox grep -q tiny.disks /proc/cmdline; then
  while :; do
    for path in /sys/block/vd[b-z]; do
      [ -e "$path/serial" ] || continue
      name=\${path##*/}
      first=$(/bin/busybox dd if=/dev/$name iflag=direct bs=512 count=1 2>/dev/null) || echo "tiny: $name fails"
      serial=$(/bin/busybox cat $path/serial)
      [ "$serial" = "$(eval echo \\$seen_$name)" ] && continue
      eval seen_$name=$serial
      echo "tiny: $serial holds $(echo "$first" | /bin/busybox tr -cd x | /bin/busybox wc -c)"
      echo "$(echo "$first" | /bin/busybox tr -cd x)x" | /bin/busybox dd of=/dev/$name conv=notrunc,fsync 2>/dev/null
    done
    /bin/busybox usleep 200000
  done
fi
while :; do
  read up idle < /proc/uptime
  echo "tiny: up $up"
  /bin/busybox sleep 1
done
`

/**
 * Writes the image below `dataDir`. Its guest may power itself off a second after it is up, or fill 8 MiB of its disk,
 * or count on each data disk how often a guest has found it; `deaf` ones are never told that a disk should go.
 */
export function writeTinyImage(dataDir: string, habit?: 'poweroff' | 'fill' | 'disks' | 'disks deaf'): void {
  const id = tinyImageId
  const directory = join(dataDir, 'images', id)
  mkdirSync(directory, { recursive: true })
  const kernel = findKernel()!
  copyFileSync(join('/boot', kernel), join(directory, 'vmlinuz'))
  writeFileSync(join(directory, 'initrd.img'), cpioArchive(initramfsEntries(kernel.replace('vmlinuz-', ''))))
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', join(directory, 'disk.qcow2'), '1G'])
  const facts = { name: id, osName: 'Tiny', platform: 'Others', sizeGiB: 1, minMemoryMiB: 128, family: id, recipe: '' }
  const files = { kernel: 'vmlinuz', initrd: 'initrd.img', disk: 'disk.qcow2' }
  const cmdline = `console=ttyS0 quiet panic=1${habit ? ` tiny.${habit.replace(' deaf', ' acpi=off')}` : ''}`
  const record = { id, ...facts, ...files, createdAt: new Date().toISOString(), cmdline }
  writeFileSync(join(directory, 'image.json'), JSON.stringify(record))
}

function initramfsEntries(kernelVersion: string): CpioEntry[] {
  const busybox = execFileSync('which', ['busybox'], { encoding: 'utf8' }).trim()
  const drivers = join('/lib/modules', kernelVersion, 'kernel/drivers')
  const modules = modulePaths.flatMap((path) => {
    const content = existsSync(join(drivers, path)) ? readFileSync(join(drivers, path)) : undefined
    return content ? [{ kind: 'file' as const, path: `modules/${basename(path)}`, mode: 0o644, content }] : []
  })
  return [
    ...['bin', 'modules', 'dev'].map((path) => ({ kind: 'directory' as const, path, mode: 0o755 })),
    { kind: 'device', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
    { kind: 'file', path: 'bin/busybox', mode: 0o755, content: readFileSync(busybox) },
    { kind: 'file', path: 'init', mode: 0o755, content: Buffer.from(init) },
    ...modules,
  ]
}
