/**
 * The QEMU command line of a machine, as a pure function.
 *
 * QEMU runs with `<machine>/run` as its working directory and every path given here is relative to it. So the process
 * needs no right to read the directories above the data directory, and socket paths stay under the 107 bytes that a
 * Unix socket address can hold.
 */

/** Everything that shapes a machine's hardware. Paths are relative to QEMU's working directory. */
export interface QemuSpec {
  machineId: string
  accelerator: 'kvm' | 'tcg'
  vcpus: number
  memoryMiB: number
  smbios: { serial: string; uuid: string }
  boot: { kernel: string; initrd: string; cmdline: string }
  /**
   * The system disk first. `volume` names what the disk is here, and QEMU's objects after it; `secretFile` holds the key
   * of an encrypted disk and is read once, at the start.
   */
  disks: { id: string; volume: string; path: string; secretFile?: string }[]
  nics: {
    ifname: string
    mac: string
    /** Whether the switch completes checksums and cuts segments that the guest leaves to it. */
    offloads: boolean
  }[]
}

/** Names of the sockets that QEMU makes in its working directory. */
export const qemuSockets = { monitor: 'qmp.sock', guestAgent: 'ga.sock' } as const

/**
 * Bridge behind which data disks are, so that they can come and go while the machine runs. One conventional bridge has
 * room for all of them; sixteen PCI Express ports would cost a tenth of the time that a small guest takes to boot.
 */
export const diskBus = 'disks'

/** How many data disks a machine can have; those of the bridge have the slots from 1 on. */
export const dataDiskSlots = 16

/** Chardev that keeps the last bytes of the serial console in QEMU's memory. */
export const consoleChardev = 'console'

/** Size of that memory, in bytes; QEMU wants a power of two. */
export const consoleRingBytes = 65536

/** Id of the port through which the guest's agent answers, as QMP events name it. */
export const guestAgentPort = 'ga0'

/** Arguments for `qemu-system-x86_64`; the same spec always gives the same list. */
export function buildQemuArguments(spec: QemuSpec): string[] {
  return [
    ...['-name', `guest=${escapeComma(spec.machineId)}`],
    ...['-nodefaults', '-no-user-config', '-display', 'none'],
    ...['-machine', 'q35,smm=off,vmport=off,sata=off,smbus=off,usb=off,dump-guest-core=off'],
    ...processorArguments(spec),
    ...['-m', `size=${spec.memoryMiB}M`],
    // The guest cannot make QEMU fork, exec or regain rights, even if it breaks into QEMU.
    ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
    ...identityArguments(spec),
    ...['-rtc', 'base=utc'],
    // A guest that powers itself off leaves QEMU paused, so that the agent learns of it even when it was away.
    ...['-action', 'shutdown=pause'],
    ...['-kernel', spec.boot.kernel, '-initrd', spec.boot.initrd, '-append', spec.boot.cmdline],
    ...['-device', `pcie-pci-bridge,id=${diskBus},bus=pcie.0,addr=0x1e`],
    ...spec.disks.flatMap(diskArguments),
    ...spec.nics.flatMap(nicArguments),
    ...['-object', 'rng-builtin,id=rng0', '-device', 'virtio-rng-pci,rng=rng0'],
    ...['-device', 'virtio-serial-pci,id=vserial0'],
    ...['-chardev', `socket,id=ga,path=${qemuSockets.guestAgent},server=on,wait=off`],
    ...['-device', `virtserialport,bus=vserial0.0,chardev=ga,id=${guestAgentPort},name=org.qemu.guest_agent.0`],
    // A ring in memory is bounded whoever watches; a log file grows as long as the agent is away.
    ...['-chardev', `ringbuf,id=${consoleChardev},size=${consoleRingBytes}`, '-serial', `chardev:${consoleChardev}`],
    ...['-chardev', `socket,id=qmp,path=${qemuSockets.monitor},server=on,wait=off`, '-mon', 'chardev=qmp,mode=control'],
    ...['-pidfile', 'qemu.pid', '-msg', 'timestamp=on'],
  ]
}

function processorArguments(spec: QemuSpec): string[] {
  const [accel, cpu] = spec.accelerator === 'kvm' ? ['kvm', 'host'] : ['tcg,thread=multi', 'max']
  return ['-accel', accel, '-cpu', cpu, '-smp', `cpus=${spec.vcpus},sockets=1,cores=${spec.vcpus},threads=1`]
}

/** cloud-init recognises the platform by the product name; guests find their own id in the serial number. */
function identityArguments(spec: QemuSpec): string[] {
  const { serial, uuid } = spec.smbios
  const system = `type=1,manufacturer=Alibaba Cloud,product=Alibaba Cloud ECS,serial=${escapeComma(serial)},uuid=${uuid}`
  return ['-uuid', uuid, '-smbios', system]
}

function diskArguments(disk: QemuSpec['disks'][number], slot: number): string[] {
  const { secretFile } = disk
  const { secret } = diskNames(disk.volume, slot)
  const key = secretFile === undefined ? [] : ['-object', `secret,id=${secret},file=${escapeComma(secretFile)}`]
  const { file, format, device } = diskParts({ ...disk, isEncrypted: secretFile !== undefined }, slot)
  const blockdevs = ['-blockdev', JSON.stringify(file), '-blockdev', JSON.stringify(format)]
  return [...key, ...blockdevs, '-device', deviceText(device)]
}

function deviceText({ driver, ...properties }: { driver: string } & Record<string, string>): string {
  const values = Object.entries(properties).map(([name, value]) => `${name}=${escapeComma(value)}`)
  return [driver, ...values].join(',')
}

/** What a disk's parts are called in QEMU; the slot of the system disk is 0. */
export function diskNames(volume: string, slot: number) {
  return { device: `vd${slot}_${volume}`, node: `n-${volume}`, file: `f-${volume}`, secret: `k-${volume}` }
}

/** The slot and the volume of a device of `diskNames`; undefined for another device. */
export function parseDiskDevice(device: string): { slot: number; volume: string } | undefined {
  const [, slot, volume] = /^vd(\d+)_(.+)$/.exec(device) ?? []
  return slot === undefined || volume === undefined ? undefined : { slot: Number(slot), volume }
}

/** The two block nodes and the device of a disk, as the command line and the monitor both take them. */
export function diskParts(disk: { id: string; volume: string; path: string; isEncrypted: boolean }, slot: number) {
  const names = diskNames(disk.volume, slot)
  const file = {
    driver: 'file',
    'node-name': names.file,
    filename: disk.path,
    // Write-back through the page cache; a guest's flush reaches the disk.
    cache: { direct: false, 'no-flush': false },
    discard: 'unmap',
  }
  const encrypt = disk.isEncrypted ? { encrypt: { format: 'luks', 'key-secret': names.secret } } : {}
  const format = { driver: 'qcow2', 'node-name': names.node, file: names.file, discard: 'unmap', ...encrypt }
  const place = slot === 0 ? {} : { bus: diskBus, addr: `${slot.toString(16)}.0`, 'disable-legacy': 'on' }
  const device = {
    driver: 'virtio-blk-pci',
    id: names.device,
    drive: names.node,
    serial: diskSerial(disk.id),
    ...place,
  }
  return { file, format, device }
}

/** Serial number that the guest sees: the id without its `d-`, in the 20 bytes that virtio-blk has for it. */
export function diskSerial(diskId: string): string {
  return diskId.replace(/^d-/, '').slice(0, 20)
}

function nicArguments(nic: QemuSpec['nics'][number], index: number): string[] {
  return [
    ...['-netdev', `tap,id=net${index},ifname=${nic.ifname},script=no,downscript=no,vhost=off`],
    // No option ROM: nothing here boots from the network, and loading it costs time.
    ...[
      '-device',
      `virtio-net-pci,id=nic${index},netdev=net${index},mac=${nic.mac},romfile=${nic.offloads ? '' : noOffloads}`,
    ],
  ]
}

/** A switch in user space passes a guest's packets on as they are: unfinished ones would be dropped at the other end. */
const noOffloads = ',csum=off,gso=off,host_tso4=off,host_tso6=off,host_ecn=off,host_ufo=off'

/** QEMU splits option values at commas; a doubled comma stands for one. */
function escapeComma(value: string): string {
  return value.replaceAll(',', ',,')
}
