/** Names and addresses derived from ids, so that every process and every restart arrives at the same ones. */
import { createHash } from 'node:crypto'

/** Address of the metadata service, in every router's address space. */
export const metadataAddress = '100.100.100.200'
/** Network between a router and its service ports. */
export const serviceNetwork = { gatewayIp: '100.100.100.1', prefixLength: 24 } as const

/** Longest name the Linux kernel allows a network interface. */
const maxInterfaceNameLength = 15

/** First `length` hex digits of a hash of `text`. */
export function shortHash(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length)
}

/** Locally administered unicast MAC address derived from `text`. */
export function derivedMac(text: string): string {
  const hex = shortHash(text, 10)
  return `0a:${hex.match(/../g)!.join(':')}`
}

/** Name of the tap of a port: `t` and 14 hex digits. */
export function tapName(portId: string): string {
  return `t${shortHash(portId, maxInterfaceNameLength - 1)}`
}

/** Name of the interface on which the metadata service of a router listens: `m` and 14 hex digits. */
export function metadataInterfaceName(routerId: string): string {
  return `m${shortHash(routerId, maxInterfaceNameLength - 1)}`
}

/** Name of the network namespace in which the metadata service of a router listens. */
export function metadataNamespace(namespace: string, routerId: string): string {
  return `${namespace}-md-${shortHash(routerId, 12)}`
}

/** Name of a router's logical port for its metadata service; also its OVS `iface-id`. */
export function metadataPortName(routerId: string): string {
  return `metadata-${routerId}`
}

export function metadataMac(routerId: string): string {
  return derivedMac(metadataPortName(routerId))
}

/** An id as a name OVN's expressions take: letters, digits, `_` and `.` only; different ids stay different. */
export function groupName(prefix: string, id: string): string {
  const safe = id.replace(/[^A-Za-z0-9-]/g, (char) => `.${char.codePointAt(0)!.toString(16)}.`)
  return `${prefix}_${safe.replaceAll('-', '_')}`
}
