import type { LogicalNetwork, SecurityRule } from '@pileus/kernel/fabric/network'
import { describe, expect, test } from 'vitest'
import type { Operation } from '../ovsdb/operations.ts'
import { Replica } from '../ovsdb/replica.ts'
import { securityGroupAcls } from './acls.ts'
import { diffNetwork, type NorthboundReplica, rowKeyOf } from './diff.ts'
import { northboundTables, type OwnedTable } from './northbound-tables.ts'
import { RenderCache, renderNetwork } from './render.ts'

const options = { cell: 'cell-1' }

function network(change: (network: LogicalNetwork) => void = () => {}): LogicalNetwork {
  const made: LogicalNetwork = {
    routers: [
      {
        id: 'vpc-1',
        routes: [{ table: 'main', prefix: '0.0.0.0/0', via: '10.0.0.9' }],
        switches: [
          {
            id: 'vsw-1',
            cidr: '10.0.0.0/24',
            gatewayIp: '10.0.0.253',
            ports: [1, 2].map((n) => ({
              id: `eni-${n}`,
              mac: `00:16:3e:00:00:0${n}`,
              ips: [`10.0.0.${n}`],
              hostname: `host-${n}`,
              securityGroupIds: ['sg-1'],
            })),
          },
        ],
      },
    ],
    securityGroups: [{ id: 'sg-1', innerAccess: 'accept', rules: [rule()] }],
  }
  change(made)
  return made
}

function rule(change: Partial<SecurityRule> = {}): SecurityRule {
  return {
    id: 'sgr-1',
    direction: 'ingress',
    policy: 'accept',
    priority: 1,
    protocol: 'tcp',
    peer: { kind: 'cidr', cidr: '10.0.0.0/8' },
    ...change,
  }
}

function emptyReplica(cell = options.cell): NorthboundReplica {
  const keyOf = rowKeyOf(cell)
  const tables = Object.keys(northboundTables).filter((table) => table !== 'NB_Global') as OwnedTable[]
  return new Replica(northboundTables, Object.fromEntries(tables.map((table) => [table, keyOf])))
}

/** Does to a replica what the server would do, with the operations the differ uses. */
function perform(replica: NorthboundReplica, operations: Operation[]): void {
  const uuids = new Map<string, string>()
  for (const { 'uuid-name': name } of operations) if (name) uuids.set(String(name), crypto.randomUUID())
  const resolve = (wire: unknown): unknown => {
    if (!Array.isArray(wire)) return wire
    if (wire[0] === 'named-uuid') return ['uuid', uuids.get(String(wire[1]))]
    return wire.map(resolve)
  }
  for (const operation of operations) {
    const table = operation.table as OwnedTable
    const where = (operation['where'] as [string, string, [string, string]][] | undefined)?.[0]?.[2]?.[1] ?? ''
    if (operation.op === 'insert') {
      const row = Object.fromEntries(Object.entries(operation['row'] as object).map(([k, v]) => [k, resolve(v)]))
      replica.take({ [table]: { [uuids.get(String(operation['uuid-name']))!]: { insert: row } } })
    } else if (operation.op === 'delete') {
      replica.take({ [table]: { [where]: { delete: null } } })
    } else if (operation.op === 'mutate') {
      // Elements to insert are absent and those to delete present, so that both are toggles.
      for (const [column, , value] of operation['mutations'] as [string, string, unknown][]) {
        replica.take({ [table]: { [where]: { modify: { [column]: resolve(value) as never } } } })
      }
    } else {
      throw new Error(`${operation.op} is not used here`)
    }
  }
}

function settled(desired: LogicalNetwork): NorthboundReplica {
  const replica = emptyReplica()
  perform(replica, diffNetwork(renderNetwork(desired, options), replica).operations)
  return replica
}

/** Each operation as its kind and table, and the column for a mutation. */
function summary(operations: Operation[]): string[] {
  return operations.map(({ op, table, mutations, row }) => {
    const column = (mutations as string[][] | undefined)?.[0]?.slice(0, 2).join(' ')
    return [op, table, column ?? (op === 'update' ? Object.keys(row as object).join(',') : '')].join(' ').trim()
  })
}

describe('diffNetwork', () => {
  test('inserts everything once, and then finds nothing to do', () => {
    const replica = settled(network())
    expect(diffNetwork(renderNetwork(network(), options), replica)).toMatchObject({ operations: [], changes: 0 })
    expect(replica.table('Logical_Switch_Port').rows.size).toBe(5)
    expect(replica.table('Port_Group').rows.size).toBe(2)
  })

  const cases: [string, (network: LogicalNetwork) => void, string[], string[]][] = [
    [
      'a new rule writes the rule and its group',
      (n) => n.securityGroups[0]!.rules.push(rule({ id: 'sgr-2', priority: 2 })),
      ['insert ACL', 'mutate Port_Group acls insert'],
      ['eni-1', 'eni-2'],
    ],
    [
      'a changed rule writes what changed of it',
      (n) => n.securityGroups[0]!.rules.splice(0, 1, rule({ policy: 'drop' })),
      ['update ACL priority,action'],
      ['eni-1', 'eni-2'],
    ],
    [
      'a rule that goes leaves its group, which is what keeps it alive',
      (n) => n.securityGroups[0]!.rules.pop(),
      ['mutate Port_Group acls delete'],
      ['eni-1', 'eni-2'],
    ],
    [
      'a new port joins its switch and groups in the same transaction',
      (n) =>
        n.routers[0]!.switches[0]!.ports.push({
          id: 'eni-3',
          mac: '00:16:3e:00:00:03',
          ips: ['10.0.0.3'],
          securityGroupIds: [],
        }),
      ['insert Logical_Switch_Port', 'mutate Logical_Switch ports insert', 'mutate Port_Group ports insert'],
      ['eni-3'],
    ],
    [
      'a port that leaves a group changes the group only',
      (n) => n.routers[0]!.switches[0]!.ports[0]!.securityGroupIds.pop(),
      ['mutate Port_Group ports delete'],
      ['eni-1'],
    ],
    [
      'a renamed host changes its port only',
      (n) => Object.assign(n.routers[0]!.switches[0]!.ports[0]!, { hostname: 'other' }),
      ['update Logical_Switch_Port options'],
      ['eni-1'],
    ],
    [
      'nothing left deletes what nothing refers to',
      (n) => Object.assign(n, { routers: [], securityGroups: [] }),
      [
        'delete Logical_Router',
        'delete Logical_Switch',
        'delete Logical_Switch',
        'delete DHCP_Options',
        'delete Port_Group',
        'delete Port_Group',
      ],
      [],
    ],
  ]
  test.each(cases)('%s', (_name, change, operations, changedPorts) => {
    const diff = diffNetwork(renderNetwork(network(change), options), settled(network()))
    expect(summary(diff.operations).sort()).toEqual([...operations].sort())
    expect([...diff.changedPortIds].sort()).toEqual(changedPorts)
    expect(diff.changes).toBeGreaterThan(0)
  })

  test('leaves rows of others alone, even inside its own', () => {
    const replica = settled(network())
    const [switchUuid] = replica.table('Logical_Switch').find('vsw-1')
    const foreign = crypto.randomUUID()
    const other = [
      'map',
      [
        ['pileus', 'cell-2'],
        ['pileus-row', 'eni-1'],
      ],
    ]
    replica.take({
      Logical_Switch_Port: { [foreign]: { insert: { name: 'theirs', external_ids: other } } },
      Logical_Switch: { [switchUuid!]: { modify: { ports: ['uuid', foreign] } } },
    })
    expect(diffNetwork(renderNetwork(network(), options), replica).operations).toEqual([])
  })

  test('removes the second of two rows with one key', () => {
    const replica = settled(network())
    const keys = [
      'map',
      [
        ['pileus', 'cell-1'],
        ['pileus-row', 'vsw-1'],
      ],
    ]
    const twin = crypto.randomUUID()
    replica.take({ Logical_Switch: { [twin]: { insert: { name: 'vsw-1', external_ids: keys } } } })
    const { operations } = diffNetwork(renderNetwork(network(), options), replica)
    expect(operations).toEqual([{ op: 'delete', table: 'Logical_Switch', where: [['_uuid', '==', ['uuid', twin]]] }])
  })

  test('what is known to be equal is compared again when either side changes', () => {
    const [replica, cache, known] = [settled(network()), new RenderCache(), new WeakMap()]
    const differences = (desired: LogicalNetwork) =>
      diffNetwork(renderNetwork(desired, options, cache), replica, known).operations.length
    expect(differences(network())).toBe(0)
    expect(differences(network())).toBe(0)
    const [port] = replica.table('Logical_Switch_Port').find('eni-1')
    replica.take({ Logical_Switch_Port: { [port!]: { modify: { addresses: ['set', ['unknown']] } } } })
    expect(differences(network())).toBe(1)
    replica.take({ Logical_Switch_Port: { [port!]: { modify: { addresses: ['set', ['unknown']] } } } })
    expect(differences(network())).toBe(0)
    expect(differences(network((n) => Object.assign(n.routers[0]!.switches[0]!.ports[0]!, { hostname: 'x' })))).toBe(1)
  })

  test('ten thousand ports that have not changed cost little', () => {
    const big = network((n) => {
      const [port] = n.routers[0]!.switches[0]!.ports
      n.routers[0]!.switches[0]!.ports = [...Array(10_000).keys()].map((i) => ({
        ...port!,
        id: `eni-${i}`,
        ips: [`10.${i >> 12}.${(i >> 6) & 63}.${i & 63}`],
      }))
    })
    const [replica, cache, known] = [settled(big), new RenderCache(), new WeakMap()]
    const operations = () => diffNetwork(renderNetwork(structuredClone(big), options, cache), replica, known).operations
    expect(operations()).toEqual([])
    const before = process.cpuUsage()
    for (let round = 0; round < 5; round += 1) expect(operations()).toEqual([])
    const cpuMs = process.cpuUsage(before).user / 1000 / 5
    expect(cpuMs).toBeLessThan(300)
  })
})

describe('renderNetwork', () => {
  const portRow = (desired: LogicalNetwork, id = 'eni-1') =>
    renderNetwork(desired, options).get('Logical_Switch_Port')!.get(id)!.columns

  test('a port may use its own addresses, and any when routes lead to it', () => {
    expect(portRow(network())['port_security']).toEqual(new Set(['00:16:3e:00:00:01 10.0.0.1']))
    const nextHop = network((n) => Object.assign(n.routers[0]!.routes[0]!, { via: '10.0.0.1' }))
    expect(portRow(nextHop)['port_security']).toEqual(new Set(['00:16:3e:00:00:01']))
  })

  test.each([
    ['web-1', [['hostname', '"web-1"']]],
    ['x"; drop; "', []],
    ['', []],
  ])('host name %j is handed out as %j', (hostname, expected) => {
    const named = network((n) => Object.assign(n.routers[0]!.switches[0]!.ports[0]!, { hostname }))
    expect(portRow(named)['options']).toEqual(new Map(expected as [string, string][]))
  })

  test.each<[string, (n: LogicalNetwork) => unknown]>([
    [
      'is no IPv4 CIDR',
      (n) => n.securityGroups[0]!.rules.push(rule({ id: 'x', peer: { kind: 'cidr', cidr: '0.0.0.0/0 || 1' } })),
    ],
    ['is no IPv4 CIDR', (n) => Object.assign(n.routers[0]!.switches[0]!, { cidr: '10.0.0.0/33' })],
    ['is no IPv4 address', (n) => n.routers[0]!.switches[0]!.ports[0]!.ips.push('10.0.0.1 unknown')],
    ['is no MAC address', (n) => Object.assign(n.routers[0]!.switches[0]!.ports[0]!, { mac: 'unknown' })],
    ['two rows of Logical_Router_Port', (n) => n.routers[0]!.switches.push(n.routers[0]!.switches[0]!)],
  ])('refuses what %s', (message, change) => {
    expect(() => renderNetwork(network(change), options)).toThrow(message)
  })
})

describe('securityGroupAcls', () => {
  test.each<[string, Partial<SecurityRule>, string]>([
    [
      'any protocol from anywhere',
      { protocol: 'all', peer: { kind: 'cidr', cidr: '0.0.0.0/0' } },
      'outport == @sg_g && ip4',
    ],
    [
      'one port',
      { ports: { from: 22, to: 22 } },
      'outport == @sg_g && ip4 && tcp && ip4.src == 10.0.0.0/8 && tcp.dst == 22',
    ],
    [
      'a range from a port',
      { protocol: 'udp', ports: { from: 5, to: 9 }, sourcePorts: { from: 53, to: 53 } },
      'outport == @sg_g && ip4 && udp && ip4.src == 10.0.0.0/8 && udp.dst >= 5 && udp.dst <= 9 && udp.src == 53',
    ],
    ['every port', { ports: { from: 1, to: 65535 } }, 'outport == @sg_g && ip4 && tcp && ip4.src == 10.0.0.0/8'],
    [
      'ICMP out to a group',
      { direction: 'egress', protocol: 'icmp', peer: { kind: 'group', id: 'sg-o' } },
      'inport == @sg_g && icmp4 && ip4.dst == $sg_sg_o_ip4',
    ],
    [
      'GRE narrowed on the near side',
      { protocol: 'gre', local: { cidr: '10.1.0.0/16' } },
      'outport == @sg_g && ip4 && ip.proto == 47 && ip4.src == 10.0.0.0/8 && ip4.dst == 10.1.0.0/16',
    ],
  ])('%s', (_name, change, match) => {
    const [acl] = securityGroupAcls({ id: 'g', innerAccess: 'drop', rules: [rule(change)] }, () => true)
    expect(acl!.match).toBe(match)
  })

  test('priorities order rules, drops before accepts, and inner access last', () => {
    const order: [number, 'accept' | 'drop'][] = [
      [1, 'drop'],
      [1, 'accept'],
      [2, 'drop'],
      [2, 'accept'],
      [100, 'drop'],
      [100, 'accept'],
    ]
    const rules = order.map(([priority, policy], n) => rule({ id: `${n}`, priority, policy }))
    const acls = securityGroupAcls({ id: 'g', innerAccess: 'accept', rules }, () => true)
    const sorted = [...acls].sort((a, b) => b.priority - a.priority).map((acl) => acl.id)
    expect(sorted).toEqual([...order.keys()].map((n) => `rule:${n}`).concat('inner'))
    expect(new Set(acls.map((acl) => acl.priority)).size).toBe(acls.length)
  })

  test('a rule about a group that does not exist matches nothing', () => {
    const rules = [rule({ peer: { kind: 'group', id: 'gone' } })]
    expect(securityGroupAcls({ id: 'g', innerAccess: 'drop', rules }, () => false)).toEqual([])
  })
})
