/** What the metadata service tells a guest about itself, as a tree of names. Pure. */
import type { MachineMetadata, MachineRole } from '@pileus/kernel/fabric/machines'

/** A leaf is text, or bytes given as they are. */
export type MetadataNode = string | Uint8Array | { readonly [name: string]: MetadataNode }

/** Versions of the tree beside `latest`; all are the same. */
const versions = ['2016-01-01']

/** Resolvers and time servers at the addresses and names that the vendor's guests expect. */
const nameservers = ['100.100.2.136', '100.100.2.138']
const timeServers = ['ntp1.cloud.aliyuncs.com', 'ntp2.cloud.aliyuncs.com']
const packageMirror = 'http://mirrors.cloud.aliyuncs.com'

/** The node at an URL path such as `/latest/meta-data/mac`; undefined where there is none. */
export function findMetadata(machine: MachineMetadata, path: string): MetadataNode | undefined {
  let node: MetadataNode = rootOf(machine)
  for (const name of path.split('/').filter((part) => part !== '')) {
    if (isLeaf(node) || !Object.hasOwn(node, name)) return undefined
    node = node[name]!
  }
  return node
}

function isLeaf(node: MetadataNode): node is string | Uint8Array {
  return typeof node === 'string' || node instanceof Uint8Array
}

/** Body that stands for a node: its content, or the names in it, where a trailing `/` marks one that holds more. */
export function renderMetadata(node: MetadataNode): string | Uint8Array {
  if (isLeaf(node)) return node
  return Object.entries(node)
    .map(([name, child]) => listingLine(name, child))
    .join('\n')
}

/** Keys are listed as `index=name`, the form that cloud-init reads. */
function listingLine(name: string, child: MetadataNode): string {
  if (isLeaf(child)) return name
  const label = Object.getOwnPropertyDescriptor(child, keyName)?.value as string | undefined
  return label === undefined ? `${name}/` : `${name}=${label}`
}

const keyName = Symbol('name of a public key')

function rootOf(machine: MachineMetadata): MetadataNode {
  const tree = treeOf(machine)
  return Object.fromEntries([...versions, 'latest'].map((version) => [version, tree]))
}

function treeOf(machine: MachineMetadata): MetadataNode {
  return {
    dynamic: { 'instance-identity': { document: identityDocument(machine) } },
    maintenance: { 'active-system-events': '[]' },
    'meta-data': metaDataOf(machine),
    ...(machine.userData === '' ? {} : { 'user-data': Buffer.from(machine.userData, 'base64') }),
  }
}

function metaDataOf(machine: MachineMetadata): MetadataNode {
  return {
    'dns-conf': { nameservers: nameservers.join('\n') },
    hostname: machine.hostname,
    'image-id': machine.imageId,
    instance: { 'instance-type': machine.instanceType },
    'instance-id': machine.instanceId,
    mac: machine.mac,
    network: { interfaces: { macs: interfacesOf(machine) } },
    'network-type': 'vpc',
    'ntp-conf': { 'ntp-servers': timeServers.join('\n') },
    'owner-account-id': machine.ownerAccountId,
    'private-ipv4': machine.privateIpv4,
    ...(machine.publicKeys.length === 0 ? {} : { 'public-keys': publicKeysOf(machine) }),
    ...(machine.ramRole ? { ram: { 'security-credentials': credentialsOf(machine.ramRole) } } : {}),
    'region-id': machine.regionId,
    'serial-number': machine.serialNumber,
    'source-address': packageMirror,
    'vpc-cidr-block': machine.vpcCidr,
    'vpc-id': machine.vpcId,
    'vswitch-cidr-block': machine.vswitchCidr,
    'vswitch-id': machine.vswitchId,
    'zone-id': machine.zoneId,
  }
}

/** By the name of the role, as SDKs read it. */
function credentialsOf(role: MachineRole): MetadataNode {
  const document = {
    AccessKeyId: role.accessKeyId,
    AccessKeySecret: role.accessKeySecret,
    Expiration: role.expiration,
    SecurityToken: role.securityToken,
    LastUpdated: role.lastUpdated,
    Code: 'Success',
  }
  return { [role.name]: JSON.stringify(document) }
}

function interfacesOf(machine: MachineMetadata): MetadataNode {
  const entries = machine.networkInterfaces.map((nic) => [
    nic.mac,
    {
      gateway: nic.gateway,
      netmask: nic.netmask,
      'network-interface-id': nic.id,
      'primary-ip-address': nic.primaryIp,
      'private-ipv4s': JSON.stringify(nic.privateIps),
      'vpc-id': nic.vpcId,
      'vswitch-cidr-block': nic.vswitchCidr,
      'vswitch-id': nic.vswitchId,
    },
  ])
  return Object.fromEntries(entries)
}

function publicKeysOf(machine: MachineMetadata): MetadataNode {
  const entries = machine.publicKeys.map((key, index) => {
    const node = { 'openssh-key': key.openSsh }
    Object.defineProperty(node, keyName, { value: key.name })
    return [String(index), node]
  })
  return Object.fromEntries(entries)
}

function identityDocument(machine: MachineMetadata): string {
  return JSON.stringify({
    'owner-account-id': machine.ownerAccountId,
    'instance-id': machine.instanceId,
    'serial-number': machine.serialNumber,
    'region-id': machine.regionId,
    'zone-id': machine.zoneId,
    'image-id': machine.imageId,
    'instance-type': machine.instanceType,
    'private-ipv4': machine.privateIpv4,
    mac: machine.mac,
  })
}
