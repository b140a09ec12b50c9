/** The logical network as rows of the northbound database: what should be there, with references by key. */
import type { LogicalNetwork, LogicalPort, LogicalRouter, LogicalSwitch } from '@pileus/kernel/fabric/network'
import type { WritableRow } from '../ovsdb/operations.ts'
import { type Acl, routerAcls, routerGroupName, securityGroupAcls, securityGroupName } from './acls.ts'
import { checkAddress, checkCidr } from './addresses.ts'
import { derivedMac, metadataAddress, metadataMac, metadataPortName, serviceNetwork } from './names.ts'
import { type NorthboundTables, type OwnedTable, ownerKey, rowKey } from './northbound-tables.ts'

export interface RenderOptions {
  /** Written to each row; rows of other cells are never touched. */
  cell: string
  /** MTU that DHCP hands out, in bytes; guests keep their own default when absent. */
  mtu?: number
}

/** Rows this one refers to. */
export interface Reference {
  table: OwnedTable
  keys: ReadonlySet<string>
}

export interface WantedRow {
  columns: Record<string, unknown>
  references: Record<string, Reference>
}

/** Wanted rows of each table, by key. */
export type WantedRows = ReadonlyMap<OwnedTable, ReadonlyMap<string, WantedRow>>

const leaseTimeS = 86_400
const dnsServers = '{100.100.2.136, 100.100.2.138}'
const mainRouteTable = 'main'

/** @throws Error when the same id stands for two things */
export function renderNetwork(network: LogicalNetwork, options: RenderOptions): WantedRows {
  const rows = new Rows(options)
  const portsOfGroup = new Map<string, Set<string>>()
  for (const group of network.securityGroups) portsOfGroup.set(group.id, new Set())
  for (const router of network.routers) renderRouter(rows, router, portsOfGroup)
  for (const group of network.securityGroups) {
    const acls = securityGroupAcls(group, (id) => portsOfGroup.has(id))
    renderGroup(rows, securityGroupName(group.id), portsOfGroup.get(group.id)!, acls)
  }
  return rows.tables
}

class Rows {
  readonly tables = new Map<OwnedTable, Map<string, WantedRow>>()
  readonly options: RenderOptions

  constructor(options: RenderOptions) {
    this.options = options
  }

  add<N extends OwnedTable>(
    table: N,
    key: string,
    columns: WritableRow<NorthboundTables[N]>,
    references: WantedRow['references'] = {},
  ): string {
    const rows = this.tables.get(table) ?? new Map<string, WantedRow>()
    this.tables.set(table, rows)
    if (rows.has(key)) throw new Error(`two rows of ${table} are called ${key}`)
    const external_ids = new Map([
      [ownerKey, this.options.cell],
      [rowKey, key],
    ])
    rows.set(key, { columns: { ...columns, external_ids }, references })
    return key
  }
}

function renderRouter(rows: Rows, router: LogicalRouter, portsOfGroup: Map<string, Set<string>>): void {
  const ports = new Set<string>()
  const allPorts = new Set<string>()
  const nextHops = new Set(router.routes.map((route) => route.via))
  for (const logicalSwitch of router.switches) {
    ports.add(
      rows.add('Logical_Router_Port', routerPortName(logicalSwitch.id), {
        name: routerPortName(logicalSwitch.id),
        mac: derivedMac(routerPortName(logicalSwitch.id)),
        networks: new Set([`${checkAddress(logicalSwitch.gatewayIp)}/${prefixLength(logicalSwitch.cidr)}`]),
        options: new Map([['route_table', logicalSwitch.routeTable ?? mainRouteTable]]),
      }),
    )
    renderSwitch(rows, logicalSwitch, nextHops)
    for (const port of logicalSwitch.ports) {
      allPorts.add(port.id)
      for (const groupId of port.securityGroupIds) portsOfGroup.get(groupId)?.add(port.id)
    }
  }
  ports.add(renderServiceSwitch(rows, router.id))
  const routes = new Set<string>()
  for (const route of router.routes) {
    // No route is in OVN's global table: it would come before those of the table that a switch has chosen.
    const columns = { route_table: route.table, ip_prefix: route.prefix, nexthop: route.via }
    routes.add(
      rows.add('Logical_Router_Static_Route', `${router.id}/${route.table}/${route.prefix}/${route.via}`, columns),
    )
  }
  rows.add(
    'Logical_Router',
    router.id,
    { name: router.id },
    {
      ports: { table: 'Logical_Router_Port', keys: ports },
      static_routes: { table: 'Logical_Router_Static_Route', keys: routes },
    },
  )
  renderGroup(rows, routerGroupName(router.id), allPorts, routerAcls(router.id))
}

function renderSwitch(rows: Rows, logicalSwitch: LogicalSwitch, nextHops: ReadonlySet<string>): void {
  const { id, cidr, gatewayIp } = logicalSwitch
  const dhcp = new Map([
    ['server_id', gatewayIp],
    ['server_mac', derivedMac(routerPortName(id))],
    ['router', gatewayIp],
    ['lease_time', String(leaseTimeS)],
    ['dns_server', dnsServers],
  ])
  if (rows.options.mtu !== undefined) dhcp.set('mtu', String(rows.options.mtu))
  rows.add('DHCP_Options', id, { cidr, options: dhcp })
  const ports = new Set([renderRouterSide(rows, id)])
  for (const port of logicalSwitch.ports) ports.add(renderPort(rows, id, port, nextHops))
  rows.add('Logical_Switch', id, { name: id }, { ports: { table: 'Logical_Switch_Port', keys: ports } })
}

/** The switch's port towards its router. */
function renderRouterSide(rows: Rows, switchId: string): string {
  return rows.add('Logical_Switch_Port', `router-${switchId}`, {
    name: `router-${switchId}`,
    type: 'router',
    addresses: new Set(['router']),
    options: new Map([['router-port', routerPortName(switchId)]]),
  })
}

function renderPort(rows: Rows, switchId: string, port: LogicalPort, nextHops: ReadonlySet<string>): string {
  const addresses = new Set([[port.mac, ...port.ips.map(checkAddress)].join(' ')])
  // Who forwards for others sends and receives with their addresses, and is held to its own MAC address only.
  const security = port.ips.some((ip) => nextHops.has(ip)) ? new Set([port.mac]) : addresses
  const hostname = dhcpHostname(port.hostname)
  return rows.add(
    'Logical_Switch_Port',
    port.id,
    {
      name: port.id,
      type: '',
      addresses,
      port_security: security,
      options: new Map(hostname === undefined ? [] : [['hostname', hostname]]),
    },
    { dhcpv4_options: { table: 'DHCP_Options', keys: new Set([switchId]) } },
  )
}

/**
 * A small switch on each router where its metadata service listens. The port is a `localport`: every host has its own,
 * and a guest's request goes to the one on its host.
 */
function renderServiceSwitch(rows: Rows, routerId: string): string {
  const id = `svc-${routerId}`
  const port = rows.add('Logical_Switch_Port', metadataPortName(routerId), {
    name: metadataPortName(routerId),
    type: 'localport',
    addresses: new Set([`${metadataMac(routerId)} ${metadataAddress}`]),
  })
  const ports = new Set([renderRouterSide(rows, id), port])
  rows.add('Logical_Switch', id, { name: id }, { ports: { table: 'Logical_Switch_Port', keys: ports } })
  return rows.add('Logical_Router_Port', routerPortName(id), {
    name: routerPortName(id),
    mac: derivedMac(routerPortName(id)),
    networks: new Set([`${serviceNetwork.gatewayIp}/${serviceNetwork.prefixLength}`]),
    options: new Map([['route_table', mainRouteTable]]),
  })
}

function renderGroup(rows: Rows, name: string, ports: ReadonlySet<string>, acls: Acl[]): void {
  const keys = new Set<string>()
  for (const { id, ...columns } of acls) keys.add(rows.add('ACL', `${name}/${id}`, columns))
  rows.add(
    'Port_Group',
    name,
    { name },
    { ports: { table: 'Logical_Switch_Port', keys: ports }, acls: { table: 'ACL', keys } },
  )
}

function routerPortName(switchId: string): string {
  return `lrp-${switchId}`
}

/** A host name as OVN's expressions quote it; one with other characters than host names have is not handed out. */
function dhcpHostname(hostname: string | undefined): string | undefined {
  return hostname !== undefined && /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/.test(hostname) ? `"${hostname}"` : undefined
}

function prefixLength(cidr: string): string {
  return checkCidr(cidr).split('/')[1]!
}
