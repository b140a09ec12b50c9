/** Turns the rows of the network's intent into the logical network that the driver makes true. Pure. */
import type {
  LogicalNetwork,
  LogicalPort,
  LogicalRouter,
  LogicalSwitch,
  SecurityGroup,
  SecurityRule,
  StaticRoute,
} from '@pileus/kernel/fabric/network'
import { gatewayIp } from './addressing.ts'
import { portsOf } from './security-rules.ts'

/** Rows of a whole cell. Lists may be in any order; the result is ordered by id. */
export interface NetworkRows {
  vpcs: readonly { vpc_id: string }[]
  vswitches: readonly { vswitch_id: string; vpc_id: string; cidr: string; route_table_id: string }[]
  routeTables: readonly { route_table_id: string; vpc_id: string; is_system: boolean }[]
  routeEntries: readonly { route_table_id: string; destination: string; next_hop_id: string }[]
  nics: readonly {
    nic_id: string
    vpc_id: string
    vswitch_id: string
    mac: string
    hostname: string
    instance_id: string | null
    type: 'Primary' | 'Secondary'
    /** Primary first. */
    ips: readonly string[]
    security_group_ids: readonly string[]
  }[]
  securityGroups: readonly {
    security_group_id: string
    type: 'normal' | 'enterprise'
    inner_access: 'Accept' | 'Drop'
  }[]
  rules: readonly {
    rule_id: string
    security_group_id: string
    direction: 'ingress' | 'egress'
    policy: 'Accept' | 'Drop'
    priority: number
    protocol: 'TCP' | 'UDP' | 'ICMP' | 'GRE' | 'ALL'
    port_range: string
    source_port_range: string
    peer_cidr: string
    peer_group_id: string
    local_cidr: string
  }[]
}

type NicRows = NetworkRows['nics']

/** The desired network: what the rows do not name must not exist. */
export function logicalNetwork(rows: NetworkRows): LogicalNetwork {
  const switches = groupBy(rows.vswitches, (vswitch) => vswitch.vpc_id)
  const nics = groupBy(rows.nics, (nic) => nic.vswitch_id)
  const isSystem = new Map(rows.routeTables.map((table) => [table.route_table_id, table.is_system]))
  const routes = routesByVpc(rows)
  return {
    routers: sorted(rows.vpcs, (vpc) => vpc.vpc_id).map(
      ({ vpc_id }): LogicalRouter => ({
        id: vpc_id,
        switches: sorted(switches.get(vpc_id) ?? [], (vswitch) => vswitch.vswitch_id).map((vswitch): LogicalSwitch => {
          const place = {
            id: vswitch.vswitch_id,
            cidr: vswitch.cidr,
            gatewayIp: gatewayIp(vswitch.cidr),
            ports: sorted(nics.get(vswitch.vswitch_id) ?? [], (nic) => nic.nic_id).map(logicalPort),
          }
          return isSystem.get(vswitch.route_table_id) ? place : { ...place, routeTable: vswitch.route_table_id }
        }),
        routes: routes.get(vpc_id) ?? [],
      }),
    ),
    securityGroups: securityGroups(rows),
  }
}

function logicalPort(nic: NicRows[number]): LogicalPort {
  const port: LogicalPort = {
    id: nic.nic_id,
    mac: nic.mac,
    ips: [...nic.ips],
    securityGroupIds: [...nic.security_group_ids],
  }
  return nic.hostname === '' ? port : { ...port, hostname: nic.hostname }
}

function routesByVpc(rows: NetworkRows): Map<string, StaticRoute[]> {
  const tables = new Map(rows.routeTables.map((table) => [table.route_table_id, table]))
  const addresses = nextHopAddresses(rows.nics)
  const byVpc = new Map<string, StaticRoute[]>()
  for (const entry of rows.routeEntries) {
    const table = tables.get(entry.route_table_id)
    if (!table) continue
    const route: StaticRoute = {
      table: table.is_system ? 'main' : table.route_table_id,
      prefix: entry.destination,
      // Traffic to a next hop that is gone has nowhere to go; it must not fall back to a wider route.
      via: addresses.get(`${table.vpc_id} ${entry.next_hop_id}`) ?? 'discard',
    }
    const routes = byVpc.get(table.vpc_id)
    if (routes) routes.push(route)
    else byVpc.set(table.vpc_id, [route])
  }
  for (const [vpcId, routes] of byVpc)
    byVpc.set(
      vpcId,
      sorted(routes, (route) => `${route.table} ${route.prefix}`),
    )
  return byVpc
}

/** Address behind each id that a route may name, the card's own or its instance's, within a VPC. */
function nextHopAddresses(nics: NicRows): Map<string, string> {
  const addresses = new Map<string, string>()
  for (const nic of nics) {
    const [primaryIp] = nic.ips
    if (primaryIp === undefined) continue
    addresses.set(`${nic.vpc_id} ${nic.nic_id}`, primaryIp)
    if (nic.instance_id !== null && nic.type === 'Primary') addresses.set(`${nic.vpc_id} ${nic.instance_id}`, primaryIp)
  }
  return addresses
}

function securityGroups(rows: NetworkRows): SecurityGroup[] {
  const rules = groupBy(rows.rules, (rule) => rule.security_group_id)
  return sorted(rows.securityGroups, (group) => group.security_group_id).map((group) => ({
    id: group.security_group_id,
    innerAccess: group.type === 'normal' && group.inner_access === 'Accept' ? 'accept' : 'drop',
    rules: sorted(rules.get(group.security_group_id) ?? [], (rule) => rule.rule_id).map(securityRule),
  }))
}

function securityRule(rule: NetworkRows['rules'][number]): SecurityRule {
  const ports = portsOf(rule.port_range)
  const sourcePorts = portsOf(rule.source_port_range)
  return {
    id: rule.rule_id,
    direction: rule.direction,
    policy: rule.policy === 'Accept' ? 'accept' : 'drop',
    priority: rule.priority,
    protocol: rule.protocol.toLowerCase() as SecurityRule['protocol'],
    ...(ports && { ports }),
    ...(sourcePorts && { sourcePorts }),
    peer:
      rule.peer_group_id === '' ? { kind: 'cidr', cidr: rule.peer_cidr } : { kind: 'group', id: rule.peer_group_id },
    ...(rule.local_cidr !== '' && { local: { cidr: rule.local_cidr } }),
  }
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}

function sorted<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] {
  return items
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item }) => item)
}
