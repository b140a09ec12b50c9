import { describe, expect, test } from 'vitest'
import type { PermissionRequest } from '../port.ts'
import { parsePermission, parseRuleChange, portsOf } from './security-rules.ts'

const ssh: PermissionRequest = { IpProtocol: 'tcp', PortRange: '22/22', SourceCidrIp: '10.0.0.0/8' }

describe('a permission', () => {
  test('without policy and priority is accepted first', () => {
    expect(parsePermission(ssh, 'ingress')).toEqual({
      direction: 'ingress',
      policy: 'Accept',
      priority: 1,
      protocol: 'TCP',
      port_range: '22/22',
      source_port_range: '',
      peer_cidr: '10.0.0.0/8',
      peer_group_id: '',
      local_cidr: '',
      description: '',
    })
  })

  test('has one form, however it is written', () => {
    const spellings: PermissionRequest[] = [
      { ...ssh, SourceCidrIp: '10.1.2.3/8', Priority: '1', Policy: 'ACCEPT' },
      { ...ssh, IpProtocol: 'TCP', SourcePortRange: '-1/-1', NicType: 'intranet', SourceGroupId: '' },
      // A block wins over a group.
      { ...ssh, SourceGroupId: 'sg-1' },
    ]
    for (const spelling of spellings) {
      expect(parsePermission(spelling, 'ingress')).toEqual(parsePermission(ssh, 'ingress'))
    }
  })

  test('names its near side by the other parameter', () => {
    const both = { IpProtocol: 'udp', PortRange: '1/65535', SourceCidrIp: '1.1.1.1', DestCidrIp: '2.2.2.2' }
    expect(parsePermission(both, 'ingress')).toMatchObject({ peer_cidr: '1.1.1.1/32', local_cidr: '2.2.2.2/32' })
    expect(parsePermission(both, 'egress')).toMatchObject({ peer_cidr: '2.2.2.2/32', local_cidr: '1.1.1.1/32' })
  })

  test.each([
    ['egress', { ...ssh }, 'MissingParameter.Dest'],
    ['ingress', { ...ssh, SourceCidrIp: undefined }, 'MissingParameter.Source'],
    ['ingress', { ...ssh, IpProtocol: undefined }, 'InvalidIpProtocol.ValueNotSupported'],
    ['ingress', { ...ssh, IpProtocol: 'gre' }, 'InvalidParam.PortRange'],
    ['ingress', { ...ssh, SourcePortRange: '1' }, 'InvalidParam.PortRange'],
    ['ingress', { ...ssh, DestCidrIp: 'x' }, 'InvalidDestCidrIp.Malformed'],
    ['ingress', { ...ssh, Description: 'https://x' }, 'InvalidDescription.Malformed'],
    ['ingress', { ...ssh, PortRangeListId: 'prl-1' }, 'ResourceNotAvailable.PrefixList'],
  ] as const)('%s %o is refused as %s', (direction, permission, code) => {
    expect(() => parsePermission(permission, direction)).toThrow(expect.objectContaining({ code }))
  })
})

describe('a change of a rule', () => {
  const rule = parsePermission({ ...ssh, Description: 'log in' }, 'ingress')

  test('keeps what it does not name', () => {
    expect(parseRuleChange(rule, { Priority: '7' }, 'ingress')).toEqual({ ...rule, priority: 7 })
    expect(parseRuleChange(rule, {}, 'ingress')).toEqual(rule)
  })

  test('puts a group in the place of a block, and back', () => {
    const grouped = parseRuleChange(rule, { SourceGroupId: 'sg-1' }, 'ingress')
    expect(grouped).toMatchObject({ peer_cidr: '', peer_group_id: 'sg-1' })
    expect(parseRuleChange(grouped, { SourceCidrIp: '10.0.0.0/8' }, 'ingress')).toEqual(rule)
  })

  test('to a protocol without ports drops the ports', () => {
    expect(parseRuleChange(rule, { IpProtocol: 'icmp' }, 'ingress')).toMatchObject({ port_range: '-1/-1' })
  })
})

test('ranges without ports mean every port', () => {
  expect([portsOf('-1/-1'), portsOf(''), portsOf('22/80')]).toEqual([undefined, undefined, { from: 22, to: 80 }])
})
