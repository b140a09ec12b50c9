/** Security group rules as requests give them, turned into the one form that is stored and compared. */

import { apiError } from '@pileus/kernel/errors'
import { say, type Text } from '@pileus/kernel/messages/text'
import { ecsErrors } from '../errors.ts'
import type { PermissionRequest } from '../port.ts'
import type { RuleIdentity } from '../tables/security-group-rules.ts'
import { findCidrOfHost, formatCidr } from './cidr.ts'
import { parseEcsDescription } from './names.ts'

export type Direction = 'ingress' | 'egress'

export interface ParsedRule extends RuleIdentity {
  description: string
}

const protocols = ['TCP', 'UDP', 'ICMP', 'GRE', 'ALL'] as const
const anyPort = '-1/-1'
const anywhere = '0.0.0.0/0'

/**
 * Reads one permission. Absent: policy Accept, priority 1. Addresses become blocks, so that `10.0.0.1` and
 * `10.0.0.1/32` are the same rule.
 * @throws the vendor's code of the first parameter that is not valid.
 */
export function parsePermission(permission: PermissionRequest, direction: Direction): ParsedRule {
  refuseUnoffered(permission)
  const protocol = parseProtocol(permission.IpProtocol)
  const isIngress = direction === 'ingress'
  const sourceCidr = parseBlock(permission.SourceCidrIp, 'InvalidSourceCidrIp.Malformed')
  const destCidr = parseBlock(permission.DestCidrIp, 'InvalidDestCidrIp.Malformed')
  const peerGroup = (isIngress ? permission.SourceGroupId : permission.DestGroupId) ?? ''
  const peerCidr = isIngress ? sourceCidr : destCidr
  if (peerCidr === '' && peerGroup === '') {
    throw apiError(isIngress ? ecsErrors['MissingParameter.Source'] : ecsErrors['MissingParameter.Dest'])
  }
  return {
    direction,
    policy: parsePolicy(permission.Policy, 'Policy'),
    priority: parsePriority(permission.Priority),
    protocol,
    port_range: parsePortRange('PortRange', permission.PortRange, protocol),
    source_port_range: parseSourcePortRange(permission.SourcePortRange, protocol),
    // The vendor lets a block win over a group when a request names both.
    peer_cidr: peerCidr,
    peer_group_id: peerCidr === '' ? peerGroup : '',
    local_cidr: isIngress ? destCidr : sourceCidr,
    description: parseEcsDescription(permission.Description, ecsErrors['InvalidDescription.Malformed']),
  }
}

/** A stored rule with the parameters that a change names put over it. */
export function parseRuleChange(rule: ParsedRule, change: PermissionRequest, direction: Direction): ParsedRule {
  const isIngress = direction === 'ingress'
  const peer = isIngress
    ? { SourceCidrIp: rule.peer_cidr, SourceGroupId: rule.peer_group_id, DestCidrIp: rule.local_cidr }
    : { DestCidrIp: rule.peer_cidr, DestGroupId: rule.peer_group_id, SourceCidrIp: rule.local_cidr }
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined && value !== ''))
  // Another kind of peer takes the old one's place.
  if (isIngress && given['SourceCidrIp'] !== undefined) peer.SourceGroupId = ''
  if (isIngress && given['SourceGroupId'] !== undefined) peer.SourceCidrIp = ''
  if (!isIngress && given['DestCidrIp'] !== undefined) peer.DestGroupId = ''
  if (!isIngress && given['DestGroupId'] !== undefined) peer.DestCidrIp = ''
  const base: PermissionRequest = {
    ...peer,
    IpProtocol: rule.protocol,
    Policy: rule.policy,
    Priority: String(rule.priority),
    PortRange: rule.port_range,
    SourcePortRange: rule.source_port_range,
    Description: rule.description,
  }
  if (given['IpProtocol'] !== undefined && given['PortRange'] === undefined) delete base.PortRange
  return parsePermission({ ...base, ...given }, direction)
}

/** @throws InvalidPolicy.Malformed */
export function parsePolicy(value: string | undefined, parameter: string): 'Accept' | 'Drop' {
  switch (value?.toLowerCase() ?? '') {
    case '':
    case 'accept':
      return 'Accept'
    case 'drop':
      return 'Drop'
    default:
      throw apiError(ecsErrors['InvalidPolicy.Malformed'], { parameter, value: value ?? '' })
  }
}

/** Both ends of `22/80`; undefined for `-1/-1` and for nothing, which mean every port. */
export function portsOf(range: string): { from: number; to: number } | undefined {
  if (range === '' || range === anyPort) return undefined
  const [from = '', to = ''] = range.split('/')
  return { from: Number(from), to: Number(to) }
}

function parseProtocol(value: string | undefined): ParsedRule['protocol'] {
  const protocol = protocols.find((name) => name === value?.toUpperCase())
  if (!protocol) throw apiError(ecsErrors['InvalidIpProtocol.ValueNotSupported'], { value: value ?? '' })
  return protocol
}

function parsePriority(value: string | undefined): number {
  if (value === undefined || value === '') return 1
  const priority = Number(value)
  if (!/^\d{1,3}$/.test(value) || priority < 1 || priority > 100) {
    throw apiError(ecsErrors['InvalidPriority.ValueNotSupported'], { value })
  }
  return priority
}

function parsePortRange(parameter: string, value: string | undefined, protocol: ParsedRule['protocol']): string {
  const hasPorts = protocol === 'TCP' || protocol === 'UDP'
  if (!hasPorts) {
    if (value === undefined || value === '' || value === anyPort) return anyPort
    throw portFault(parameter, value, say`${protocol} has no ports, so it must be ${anyPort}`)
  }
  const parts = /^(\d{1,5})\/(\d{1,5})$/.exec(value ?? '')
  const from = Number(parts?.[1])
  const to = Number(parts?.[2])
  if (!parts || from < 1 || to > 65_535) {
    throw portFault(parameter, value ?? '', say`it must be two ports from 1 to 65535 such as 22/22`)
  }
  if (from > to) throw portFault(parameter, value ?? '', say`the first port must not be above the second`)
  return `${from}/${to}`
}

function parseSourcePortRange(value: string | undefined, protocol: ParsedRule['protocol']): string {
  if (value === undefined || value === '' || value === anyPort) return ''
  return parsePortRange('SourcePortRange', value, protocol)
}

function portFault(parameter: string, value: string, reason: Text) {
  return apiError(ecsErrors['InvalidParam.PortRange'], { parameter, value, reason })
}

function parseBlock(
  value: string | undefined,
  fault: 'InvalidSourceCidrIp.Malformed' | 'InvalidDestCidrIp.Malformed',
): string {
  if (value === undefined || value === '') return ''
  const cidr = findCidrOfHost(value)
  if (!cidr) throw apiError(ecsErrors[fault], { value })
  return cidr.prefixLength === 0 ? anywhere : formatCidr(cidr)
}

function refuseUnoffered(permission: PermissionRequest): void {
  for (const parameter of ['Ipv6SourceCidrIp', 'Ipv6DestCidrIp'] as const) {
    if (permission[parameter]) throw apiError(ecsErrors['ResourceNotAvailable.Ipv6'], { parameter })
  }
  for (const parameter of ['SourcePrefixListId', 'DestPrefixListId', 'PortRangeListId'] as const) {
    if (permission[parameter]) throw apiError(ecsErrors['ResourceNotAvailable.PrefixList'], { parameter })
  }
  const nicType = permission.NicType?.toLowerCase() ?? ''
  // Cards of a VPC are reached from both sides, so the value changes nothing there.
  if (!['', 'internet', 'intranet'].includes(nicType)) {
    throw apiError(ecsErrors['InvalidNicType.ValueNotSupported'], { value: permission.NicType ?? '' })
  }
}
