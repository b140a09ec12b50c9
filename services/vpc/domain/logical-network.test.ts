import { describe, expect, test } from 'vitest'
import { logicalNetwork, type NetworkRows } from './logical-network.ts'

const nic = {
  nic_id: 'eni-1',
  vpc_id: 'vpc-1',
  vswitch_id: 'vsw-1',
  mac: '00:16:3e:00:00:01',
  hostname: 'web',
  instance_id: 'i-1',
  type: 'Primary',
  ips: ['10.0.1.1', '10.0.1.9'],
  security_group_ids: ['sg-1'],
} as const

const rows: NetworkRows = {
  vpcs: [{ vpc_id: 'vpc-1' }],
  vswitches: [{ vswitch_id: 'vsw-1', vpc_id: 'vpc-1', cidr: '10.0.1.0/24', route_table_id: 'vtb-main' }],
  routeTables: [
    { route_table_id: 'vtb-main', vpc_id: 'vpc-1', is_system: true },
    { route_table_id: 'vtb-own', vpc_id: 'vpc-1', is_system: false },
  ],
  routeEntries: [],
  nics: [nic],
  securityGroups: [{ security_group_id: 'sg-1', type: 'normal', inner_access: 'Accept' }],
  rules: [],
}

const rule = {
  rule_id: 'sgr-1',
  security_group_id: 'sg-1',
  direction: 'ingress',
  policy: 'Accept',
  priority: 1,
  protocol: 'TCP',
  port_range: '22/80',
  source_port_range: '',
  peer_cidr: '0.0.0.0/0',
  peer_group_id: '',
  local_cidr: '',
} as const

describe('the logical network', () => {
  test('has a router for a VPC, a switch for a vswitch and a port for a card', () => {
    expect(logicalNetwork(rows)).toEqual({
      routers: [
        {
          id: 'vpc-1',
          routes: [],
          switches: [
            {
              id: 'vsw-1',
              cidr: '10.0.1.0/24',
              gatewayIp: '10.0.1.253',
              ports: [
                {
                  id: 'eni-1',
                  mac: '00:16:3e:00:00:01',
                  ips: ['10.0.1.1', '10.0.1.9'],
                  hostname: 'web',
                  securityGroupIds: ['sg-1'],
                },
              ],
            },
          ],
        },
      ],
      securityGroups: [{ id: 'sg-1', innerAccess: 'accept', rules: [] }],
    })
  })

  test('is the same whatever order the rows come in', () => {
    const more: NetworkRows = {
      ...rows,
      vpcs: [{ vpc_id: 'vpc-1' }, { vpc_id: 'vpc-0' }],
      nics: [nic, { ...nic, nic_id: 'eni-0' }],
      rules: [rule, { ...rule, rule_id: 'sgr-0' }],
    }
    const reversed = Object.fromEntries(Object.entries(more).map(([name, list]) => [name, [...list].reverse()]))
    expect(logicalNetwork(reversed as unknown as NetworkRows)).toEqual(logicalNetwork(more))
  })

  test('lets vswitches follow custom tables, and routes lead to cards and instances or nowhere', () => {
    const network = logicalNetwork({
      ...rows,
      vswitches: rows.vswitches.map((vswitch) => ({ ...vswitch, route_table_id: 'vtb-own' })),
      routeEntries: [
        { route_table_id: 'vtb-main', destination: '10.9.0.0/16', next_hop_id: 'i-1' },
        { route_table_id: 'vtb-own', destination: '0.0.0.0/0', next_hop_id: 'eni-1' },
        { route_table_id: 'vtb-own', destination: '10.8.0.0/16', next_hop_id: 'i-gone' },
      ],
    })
    expect(network.routers[0]?.switches[0]?.routeTable).toBe('vtb-own')
    expect(network.routers[0]?.routes).toEqual([
      { table: 'main', prefix: '10.9.0.0/16', via: '10.0.1.1' },
      { table: 'vtb-own', prefix: '0.0.0.0/0', via: '10.0.1.1' },
      { table: 'vtb-own', prefix: '10.8.0.0/16', via: 'discard' },
    ])
  })

  test('writes rules as the driver reads them', () => {
    const { securityGroups } = logicalNetwork({
      ...rows,
      rules: [
        rule,
        { ...rule, rule_id: 'sgr-2', policy: 'Drop', protocol: 'ALL', port_range: '-1/-1', priority: 100 },
        {
          ...rule,
          rule_id: 'sgr-3',
          direction: 'egress',
          source_port_range: '1/9',
          peer_cidr: '',
          peer_group_id: 'sg-2',
          local_cidr: '10.0.1.0/28',
        },
      ],
    })
    const anywhere = { kind: 'cidr', cidr: '0.0.0.0/0' }
    expect(securityGroups[0]?.rules).toEqual([
      {
        id: 'sgr-1',
        direction: 'ingress',
        policy: 'accept',
        priority: 1,
        protocol: 'tcp',
        ports: { from: 22, to: 80 },
        peer: anywhere,
      },
      { id: 'sgr-2', direction: 'ingress', policy: 'drop', priority: 100, protocol: 'all', peer: anywhere },
      {
        id: 'sgr-3',
        direction: 'egress',
        policy: 'accept',
        priority: 1,
        protocol: 'tcp',
        ports: { from: 22, to: 80 },
        sourcePorts: { from: 1, to: 9 },
        peer: { kind: 'group', id: 'sg-2' },
        local: { cidr: '10.0.1.0/28' },
      },
    ])
  })

  test('keeps members of enterprise groups apart', () => {
    const { securityGroups } = logicalNetwork({
      ...rows,
      securityGroups: [{ security_group_id: 'sg-1', type: 'enterprise', inner_access: 'Accept' }],
    })
    expect(securityGroups[0]?.innerAccess).toBe('drop')
  })
})
