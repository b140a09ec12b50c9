import { expect, test } from 'vitest'
import { buildQemuArguments, diskSerial, type QemuSpec } from './arguments.ts'

const spec: QemuSpec = {
  machineId: 'i-one',
  accelerator: 'tcg',
  vcpus: 2,
  memoryMiB: 512,
  smbios: { serial: '2f0c1c8e-4a4b-4f1e-9d61-0c9f6f1f9a11', uuid: '2f0c1c8e-4a4b-4f1e-9d61-0c9f6f1f9a11' },
  boot: { kernel: '../k', initrd: '../i', cmdline: 'root=/dev/vda console=ttyS0,115200' },
  disks: [
    { id: 'd-bp1abcdefghijklmnopq', volume: 'd-bp1abcdefghijklmnopq.2', path: '../../disks/system.qcow2' },
    { id: 'd-data', volume: 'd-data', path: '../../disks/data,1.qcow2' },
  ],
  nics: [{ ifname: 't1', mac: '00:16:3e:00:00:05', offloads: true }],
}

/** Values of an option, in order. */
function valuesOf(option: string, of: QemuSpec = spec): string[] {
  const args = buildQemuArguments(of)
  return args.filter((_, index) => args[index - 1] === option)
}

test.each([
  ['-name', ['guest=i-one']],
  ['-accel', ['tcg,thread=multi']],
  ['-cpu', ['max']],
  ['-smp', ['cpus=2,sockets=1,cores=2,threads=1']],
  ['-m', ['size=512M']],
  ['-sandbox', ['on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny']],
  ['-kernel', ['../k']],
  ['-append', ['root=/dev/vda console=ttyS0,115200']],
  ['-netdev', ['tap,id=net0,ifname=t1,script=no,downscript=no,vhost=off']],
  ['-display', ['none']],
])('%s', (option, expected) => expect(valuesOf(option)).toEqual(expected))

test('the platform is recognisable to cloud-init', () => {
  const [system] = valuesOf('-smbios')
  expect(system).toContain('manufacturer=Alibaba Cloud,product=Alibaba Cloud ECS,serial=2f0c1c8e')
})

test('every disk has explicit formats and honours flushes', () => {
  const nodes = valuesOf('-blockdev').map((text) => JSON.parse(text))
  expect(nodes.map((node) => node.driver)).toEqual(['file', 'qcow2', 'file', 'qcow2'])
  expect(nodes[0]).toMatchObject({ filename: '../../disks/system.qcow2', cache: { 'no-flush': false } })
  expect(nodes[2]).toMatchObject({ filename: '../../disks/data,1.qcow2' })
  expect(valuesOf('-device').filter((text) => text.startsWith('virtio-blk-pci'))).toEqual([
    'virtio-blk-pci,id=vd0_d-bp1abcdefghijklmnopq.2,drive=n-d-bp1abcdefghijklmnopq.2,serial=bp1abcdefghijklmnopq',
    'virtio-blk-pci,id=vd1_d-data,drive=n-d-data,serial=data,bus=disks,addr=1.0,disable-legacy=on',
  ])
})

test('KVM passes the real processor on', () => {
  expect(valuesOf('-cpu', { ...spec, accelerator: 'kvm' })).toEqual(['host'])
})

test('a NIC on a switch in user space leaves no packet unfinished', () => {
  const device = (offloads: boolean) =>
    valuesOf('-device', { ...spec, nics: [{ ...spec.nics[0]!, offloads }] }).find((text) => text.includes('net-pci'))
  expect(device(true)).not.toContain('csum=off')
  expect(device(false)).toContain('csum=off,gso=off')
})

test('a comma in a name cannot add an option', () => {
  expect(valuesOf('-name', { ...spec, machineId: 'i-one,debug-threads=on' })).toEqual(['guest=i-one,,debug-threads=on'])
})

test('a disk serial fits in the 20 bytes there are', () => {
  expect(diskSerial('d-0123456789012345678901234')).toBe('01234567890123456789')
})
