/**
 * Security rules as OVN access control lists. All lists that apply to a port are judged together, highest OVN
 * priority first, which is just what the rules of a port's groups need.
 *
 * | OVN priority | what                                                          |
 * |--------------|---------------------------------------------------------------|
 * | 30000        | DHCP and the metadata service are reachable                   |
 * | 1000 – 1199  | rules: two levels per rule priority, the upper one for `drop` |
 * | 900          | members of one group reach each other                         |
 * | 100          | other IPv4 and ARP may leave; other ingress is dropped         |
 * | 50           | frames of other protocols may not leave                       |
 *
 * `allow-related` lets the replies of an accepted connection pass. That is how the metadata service answers: nothing is
 * accepted by its address alone, which a port that forwards for others could put on its own packets.
 */
import type { SecurityGroup, SecurityRule } from '@pileus/kernel/fabric/network'
import { checkCidr } from './addresses.ts'
import { groupName, metadataAddress } from './names.ts'

export interface Acl {
  /** Distinguishes the list among those of its port group. */
  id: string
  direction: 'from-lport' | 'to-lport'
  priority: number
  match: string
  action: 'allow-related' | 'drop'
}

const guardPriority = 30_000
const rulesPriority = 1000
const lastRulePriority = 100
const innerAccessPriority = 900
const defaultPriority = 100
const otherFramesPriority = 50

/** Name of the port group of a security group. */
export function securityGroupName(groupId: string): string {
  return groupName('sg', groupId)
}

/** Name of the port group that holds every port of a router. */
export function routerGroupName(routerId: string): string {
  return groupName('all', routerId)
}

/** What holds for each port of a router, whatever its security groups. */
export function routerAcls(routerId: string): Acl[] {
  const group = routerGroupName(routerId)
  return [
    {
      id: 'metadata-out',
      direction: 'from-lport',
      priority: guardPriority,
      match: `inport == @${group} && ip4.dst == ${metadataAddress}`,
      action: 'allow-related',
    },
    {
      id: 'dhcp-out',
      direction: 'from-lport',
      priority: guardPriority,
      match: `inport == @${group} && ip4 && udp.src == 68 && udp.dst == 67`,
      action: 'allow-related',
    },
    {
      id: 'default-out',
      direction: 'from-lport',
      priority: defaultPriority,
      match: `inport == @${group} && (ip4 || arp)`,
      action: 'allow-related',
    },
    {
      id: 'other-frames',
      direction: 'from-lport',
      priority: otherFramesPriority,
      match: `inport == @${group}`,
      action: 'drop',
    },
    {
      id: 'default-in',
      direction: 'to-lport',
      priority: defaultPriority,
      match: `outport == @${group} && ip`,
      action: 'drop',
    },
  ]
}

/**
 * Lists of one security group.
 * @param isGroup whether a group exists; a rule whose peer group does not matches nothing and gives no list
 */
export function securityGroupAcls(group: SecurityGroup, isGroup: (groupId: string) => boolean): Acl[] {
  const acls: Acl[] = []
  const name = securityGroupName(group.id)
  if (group.innerAccess === 'accept') {
    acls.push({
      id: 'inner',
      direction: 'to-lport',
      priority: innerAccessPriority,
      match: `outport == @${name} && ip4.src == $${name}_ip4`,
      action: 'allow-related',
    })
  }
  for (const rule of group.rules) {
    if (rule.peer.kind === 'group' && !isGroup(rule.peer.id)) continue
    acls.push({
      id: `rule:${rule.id}`,
      direction: rule.direction === 'ingress' ? 'to-lport' : 'from-lport',
      priority: rulePriority(rule),
      match: ruleMatch(name, rule),
      action: rule.policy === 'accept' ? 'allow-related' : 'drop',
    })
  }
  return acls
}

function rulePriority(rule: SecurityRule): number {
  return rulesPriority + 2 * (lastRulePriority - rule.priority) + (rule.policy === 'drop' ? 1 : 0)
}

function ruleMatch(group: string, rule: SecurityRule): string {
  const ingress = rule.direction === 'ingress'
  const [peerField, localField] = ingress ? ['ip4.src', 'ip4.dst'] : ['ip4.dst', 'ip4.src']
  const terms = [ingress ? `outport == @${group}` : `inport == @${group}`, protocolMatch(rule.protocol)]
  if (rule.peer.kind === 'group') terms.push(`${peerField} == $${securityGroupName(rule.peer.id)}_ip4`)
  else if (!isEverything(rule.peer.cidr)) terms.push(`${peerField} == ${checkCidr(rule.peer.cidr)}`)
  if (rule.local && !isEverything(rule.local.cidr)) terms.push(`${localField} == ${checkCidr(rule.local.cidr)}`)
  if (rule.protocol === 'tcp' || rule.protocol === 'udp') {
    if (rule.ports) terms.push(portsMatch(`${rule.protocol}.dst`, rule.ports))
    if (rule.sourcePorts) terms.push(portsMatch(`${rule.protocol}.src`, rule.sourcePorts))
  }
  return terms.filter(Boolean).join(' && ')
}

function protocolMatch(protocol: SecurityRule['protocol']): string {
  switch (protocol) {
    case 'all':
      return 'ip4'
    case 'icmp':
      return 'icmp4'
    case 'gre':
      return 'ip4 && ip.proto == 47'
    default:
      return `ip4 && ${protocol}`
  }
}

function portsMatch(field: string, ports: { from: number; to: number }): string {
  if (ports.from === ports.to) return `${field} == ${ports.from}`
  if (ports.from <= 1 && ports.to === 65535) return ''
  return `${field} >= ${ports.from} && ${field} <= ${ports.to}`
}

function isEverything(cidr: string): boolean {
  return cidr.endsWith('/0')
}
