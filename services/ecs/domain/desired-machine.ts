/** From rows to the document a host's agent obeys. Pure. */
import { createHash } from 'node:crypto'
import type {
  DesiredCommand,
  DesiredDisk,
  DesiredMachine,
  KeptDisk,
  MachineMetadata,
  MachineRole,
} from '@pileus/kernel/fabric/machines'
import type { Nic, VSwitchFacts } from '@pileus/vpc/port'
import type { DiskRow, InstanceRow } from '../tables/schema.ts'

export interface UnfinishedCommand {
  invokeId: string
  instanceId: string
  script: string
  workingDir: string
  timeoutS: number
  username: string
  stop: boolean
}

export interface MachineRows {
  instance: InstanceRow
  /** System disk first, then in the order of their devices. */
  disks: readonly DiskRow[]
  /** Primary first. */
  nics: readonly Nic[]
  vswitches: ReadonlyMap<string, VSwitchFacts>
  /** OpenSSH public key, when the instance has a key pair. */
  publicKey: string | undefined
  /** When the instance has a role, and the role may be had. */
  ramRole: MachineRole | undefined
  commands: readonly UnfinishedCommand[]
}

/** @throws Error when the instance has no card, or a card's vswitch is unknown: its rows are written together */
export function desiredMachine(rows: MachineRows): DesiredMachine {
  const { instance } = rows
  return {
    id: instance.id,
    generation: instance.generation,
    power: instance.desired_power,
    bootGeneration: instance.boot_generation,
    force: instance.force_power,
    vcpus: instance.vcpus,
    memoryMiB: instance.memory_mib,
    disks: rows.disks.map(desiredDisk),
    nics: rows.nics.map((nic) => ({
      id: nic.nicId,
      mac: nic.mac,
      ip: nic.primaryIp,
      primary: nic.type === 'Primary',
      routerId: nic.vpcId,
    })),
    metadata: metadata(rows),
    commands: instance.desired_power === 'on' ? rows.commands.map(desiredCommand) : [],
  }
}

/** Hash of what the machine is made of: its commands, its generation and credentials that change are not part. */
export function machineHash(machine: DesiredMachine): string {
  const { generation: _generation, commands: _commands, metadata, ...rest } = machine
  const { ramRole, ...lasting } = metadata
  const parts = { ...rest, metadata: ramRole ? { ...lasting, ramRole: ramRole.name } : lasting }
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)
}

/** A disk's name to its host. */
export function keptDisk(disk: Pick<DiskRow, 'id' | 'incarnation'>): KeptDisk {
  return { id: disk.id, ...(disk.incarnation > 1 ? { incarnation: disk.incarnation } : {}) }
}

function desiredDisk(disk: DiskRow): DesiredDisk {
  return {
    role: disk.role,
    sizeGiB: disk.size_gib,
    ...keptDisk(disk),
    source: disk.image_id === null ? { kind: 'blank' } : { kind: 'image', imageId: disk.image_id },
    ...(disk.kms_key_id === null ? {} : { encryption: { keyId: disk.kms_key_id } }),
  }
}

function desiredCommand(command: UnfinishedCommand): DesiredCommand {
  return {
    id: command.invokeId,
    type: 'shell',
    content: command.script,
    workingDir: command.workingDir,
    timeoutS: command.timeoutS,
    username: command.username,
    stop: command.stop,
  }
}

function metadata(rows: MachineRows): MachineMetadata {
  const { instance, nics } = rows
  const primary = nics[0]
  if (!primary) throw new Error(`instance ${instance.id} has no network card`)
  const factsOf = (nic: Nic): VSwitchFacts => {
    const facts = rows.vswitches.get(nic.vswitchId)
    if (!facts) throw new Error(`the vswitch ${nic.vswitchId} of card ${nic.nicId} is unknown`)
    return facts
  }
  const place = factsOf(primary)
  return {
    instanceId: instance.id,
    hostname: instance.host_name,
    regionId: instance.region_id,
    zoneId: instance.zone_id,
    imageId: instance.image_id,
    instanceType: instance.instance_type,
    ownerAccountId: instance.account_id,
    serialNumber: instance.serial_number,
    privateIpv4: primary.primaryIp,
    mac: primary.mac,
    vpcId: place.vpcId,
    vpcCidr: place.vpcCidr,
    vswitchId: place.vswitchId,
    vswitchCidr: place.cidr,
    networkInterfaces: nics.map((nic) => {
      const facts = factsOf(nic)
      return {
        mac: nic.mac,
        id: nic.nicId,
        primaryIp: nic.primaryIp,
        privateIps: [nic.primaryIp, ...nic.secondaryIps],
        gateway: facts.gatewayIp,
        netmask: netmaskOf(facts.cidr),
        vswitchId: nic.vswitchId,
        vswitchCidr: facts.cidr,
        vpcId: nic.vpcId,
      }
    }),
    userData: instance.user_data,
    publicKeys:
      instance.key_pair_name !== null && rows.publicKey !== undefined
        ? [{ name: instance.key_pair_name, openSsh: rows.publicKey }]
        : [],
    ...(rows.ramRole === undefined ? {} : { ramRole: rows.ramRole }),
    httpTokens: instance.http_tokens,
    httpEndpoint: instance.http_endpoint,
  }
}

/** `10.0.0.0/24` has the mask `255.255.255.0`. */
export function netmaskOf(cidr: string): string {
  const bits = Number(cidr.split('/')[1])
  const mask = bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0
  return [24, 16, 8, 0].map((shift) => (mask >>> shift) & 255).join('.')
}
