import type { Nic, VSwitchFacts } from '@pileus/vpc/port'
import { expect, test } from 'vitest'
import type { DiskRow, InstanceRow } from '../tables/schema.ts'
import { desiredMachine, type MachineRows, machineHash, netmaskOf } from './desired-machine.ts'

const nic = {
  nicId: 'eni-1',
  type: 'Primary',
  mac: '00:16:3e:00:00:01',
  primaryIp: '10.0.0.2',
  secondaryIps: ['10.0.0.3'],
  vpcId: 'vpc-1',
  vswitchId: 'vsw-1',
} as Nic
const vswitch: VSwitchFacts = {
  vswitchId: 'vsw-1',
  vpcId: 'vpc-1',
  zoneId: 'cn-hangzhou-b',
  cidr: '10.0.0.0/20',
  gatewayIp: '10.0.15.253',
  vpcCidr: '10.0.0.0/8',
}
const disk = (id: string, fields: object) => ({ id, role: 'data', size_gib: 20, image_id: null, ...fields }) as DiskRow

function rows(instance: Partial<InstanceRow> = {}): MachineRows {
  return {
    instance: {
      id: 'i-1',
      generation: 3,
      boot_generation: 2,
      desired_power: 'on',
      force_power: false,
      vcpus: 2,
      memory_mib: 1024,
      key_pair_name: 'kp',
      ...instance,
    } as InstanceRow,
    disks: [disk('d-1', { role: 'system', image_id: 'img' }), disk('d-2', {})],
    nics: [nic],
    vswitches: new Map([['vsw-1', vswitch]]),
    publicKey: 'ssh-rsa AAAA',
    ramRole: undefined,
    commands: [
      {
        invokeId: 't-1',
        instanceId: 'i-1',
        script: 'aWQ=',
        workingDir: '',
        timeoutS: 60,
        username: 'root',
        stop: false,
      },
    ],
  }
}

test('a machine has what its rows say', () => {
  const machine = desiredMachine(rows())
  expect(machine).toMatchObject({
    id: 'i-1',
    generation: 3,
    bootGeneration: 2,
    power: 'on',
    disks: [
      { id: 'd-1', role: 'system', source: { kind: 'image', imageId: 'img' } },
      { id: 'd-2', role: 'data', source: { kind: 'blank' } },
    ],
    nics: [{ id: 'eni-1', ip: '10.0.0.2', primary: true, routerId: 'vpc-1' }],
    commands: [{ id: 't-1', type: 'shell', content: 'aWQ=' }],
  })
  expect(machine.metadata).toMatchObject({
    privateIpv4: '10.0.0.2',
    vpcCidr: '10.0.0.0/8',
    publicKeys: [{ name: 'kp', openSsh: 'ssh-rsa AAAA' }],
    networkInterfaces: [{ privateIps: ['10.0.0.2', '10.0.0.3'], netmask: '255.255.240.0', gateway: '10.0.15.253' }],
  })
})

test('a machine that is to be off runs no commands', () => {
  expect(desiredMachine(rows({ desired_power: 'off' })).commands).toEqual([])
})

test('the hash changes with what the machine is made of, and not with its generation or commands', () => {
  const hash = machineHash(desiredMachine(rows()))
  expect(machineHash(desiredMachine(rows({ generation: 9 })))).toBe(hash)
  expect(machineHash(desiredMachine({ ...rows(), commands: [] }))).toBe(hash)
  expect(machineHash(desiredMachine(rows({ memory_mib: 2048 })))).not.toBe(hash)
  expect(machineHash(desiredMachine(rows({ boot_generation: 3 })))).not.toBe(hash)
})

test('a machine without a card cannot be', () => {
  expect(() => desiredMachine({ ...rows(), nics: [] })).toThrowError(/no network card/)
})

test.each([
  ['10.0.0.0/8', '255.0.0.0'],
  ['10.0.0.0/29', '255.255.255.248'],
  ['0.0.0.0/0', '0.0.0.0'],
])('the mask of %s is %s', (cidr, mask) => {
  expect(netmaskOf(cidr)).toBe(mask)
})
