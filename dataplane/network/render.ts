/** The logical network as rows of the northbound database: what should be there, with references by key. */
import type { LogicalNetwork, LogicalPort, LogicalRouter, LogicalSwitch } from '@pileus/kernel/fabric/network'
import type { WritableRow } from '../ovsdb/operations.ts'
import { type Acl, routerAcls, routerGroupName, securityGroupAcls, securityGroupName } from './acls.ts'
import { checkAddress, checkCidr, checkMac } from './addresses.ts'
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

/**
 * Rows of the last rendering, by what they were made from. What has not changed is the same object again, which saves
 * making it, and comparing it with a row of the database that has not changed either.
 */
export class RenderCache {
  rows = new Map<string, { fingerprint: string; row: WantedRow }>()
}

/**
 * @param cache of earlier renderings with the same options
 * @throws Error when the same id stands for two things, or an address is none
 */
export function renderNetwork(network: LogicalNetwork, options: RenderOptions, cache = new RenderCache()): WantedRows {
  const rows = new Rows(options, cache.rows)
  const portsOfGroup = new Map<string, Set<string>>()
  for (const group of network.securityGroups) portsOfGroup.set(group.id, new Set())
  for (const router of network.routers) renderRouter(rows, router, portsOfGroup)
  for (const group of network.securityGroups) {
    const acls = securityGroupAcls(group, (id) => portsOfGroup.has(id))
    renderGroup(rows, securityGroupName(group.id), portsOfGroup.get(group.id)!, acls)
  }
  cache.rows = rows.made
  return rows.tables
}

type RowParts<N extends OwnedTable> = [columns: WritableRow<NorthboundTables[N]>, references?: WantedRow['references']]

class Rows {
  readonly tables = new Map<OwnedTable, Map<string, WantedRow>>()
  readonly made: RenderCache['rows'] = new Map()
  readonly options: RenderOptions
  readonly #before: RenderCache['rows']

  constructor(options: RenderOptions, before: RenderCache['rows']) {
    this.options = options
    this.#before = before
  }

  /** @param from everything the row is made from; `make` is called only when that has changed */
  add<N extends OwnedTable>(table: N, key: string, from: readonly unknown[], make: () => RowParts<N>): string {
    const rows = this.tables.get(table) ?? new Map<string, WantedRow>()
    this.tables.set(table, rows)
    if (rows.has(key)) throw new Error(`two rows of ${table} are called ${key}`)
    const name = `${table}/${key}`
    const fingerprint = from.join('\n')
    const before = this.#before.get(name)
    const made = before?.fingerprint === fingerprint ? before : { fingerprint, row: this.#finish(key, make()) }
    this.made.set(name, made)
    rows.set(key, made.row)
    return key
  }

  #finish<N extends OwnedTable>(key: string, [columns, references = {}]: RowParts<N>): WantedRow {
    const external_ids = new Map([
      [ownerKey, this.options.cell],
      [rowKey, key],
    ])
    return { columns: { ...columns, external_ids }, references }
  }
}

function renderRouter(rows: Rows, router: LogicalRouter, portsOfGroup: Map<string, Set<string>>): void {
  const ports = new Set<string>()
  const allPorts = new Set<string>()
  const nextHops = new Set(router.routes.map((route) => route.via))
  for (const logicalSwitch of router.switches) {
    const { id, gatewayIp, cidr, routeTable } = logicalSwitch
    ports.add(renderRouterPort(rows, id, gatewayIp, prefixLength(cidr), routeTable ?? mainRouteTable))
    renderSwitch(rows, logicalSwitch, nextHops)
    for (const port of logicalSwitch.ports) {
      allPorts.add(port.id)
      for (const groupId of port.securityGroupIds) portsOfGroup.get(groupId)?.add(port.id)
    }
  }
  ports.add(renderServiceSwitch(rows, router.id))
  const routes = new Set<string>()
  for (const { table, prefix, via } of router.routes) {
    const key = [router.id, table, prefix, via].join('/')
    // No route is in OVN's global table: it would come before those of the table that a switch has chosen.
    const columns = { route_table: table, ip_prefix: checkCidr(prefix), nexthop: via }
    routes.add(rows.add('Logical_Router_Static_Route', key, [], () => [columns]))
  }
  rows.add('Logical_Router', router.id, [...ports, '', ...routes], () => [
    { name: router.id },
    {
      ports: { table: 'Logical_Router_Port', keys: ports },
      static_routes: { table: 'Logical_Router_Static_Route', keys: routes },
    },
  ])
  renderGroup(rows, routerGroupName(router.id), allPorts, routerAcls(router.id))
}

/** The router's port towards a switch. */
function renderRouterPort(rows: Rows, switchId: string, gatewayIp: string, prefix: string, routeTable: string): string {
  const name = routerPortName(switchId)
  return rows.add('Logical_Router_Port', name, [gatewayIp, prefix, routeTable], () => [
    {
      name,
      mac: derivedMac(name),
      networks: new Set([`${checkAddress(gatewayIp)}/${prefix}`]),
      options: new Map([['route_table', routeTable]]),
    },
  ])
}

function renderSwitch(rows: Rows, logicalSwitch: LogicalSwitch, nextHops: ReadonlySet<string>): void {
  const { id, cidr, gatewayIp } = logicalSwitch
  rows.add('DHCP_Options', id, [cidr, gatewayIp], () => {
    const options = new Map([
      ['server_id', gatewayIp],
      ['server_mac', derivedMac(routerPortName(id))],
      ['router', gatewayIp],
      ['lease_time', String(leaseTimeS)],
      ['dns_server', dnsServers],
    ])
    if (rows.options.mtu !== undefined) options.set('mtu', String(rows.options.mtu))
    return [{ cidr, options }]
  })
  const ports = new Set([renderSwitchUplink(rows, id)])
  for (const port of logicalSwitch.ports) ports.add(renderPort(rows, id, port, nextHops))
  renderSwitchRow(rows, id, ports)
}

function renderSwitchRow(rows: Rows, id: string, ports: ReadonlySet<string>): void {
  rows.add('Logical_Switch', id, [...ports], () => [
    { name: id },
    { ports: { table: 'Logical_Switch_Port', keys: ports } },
  ])
}

/** The switch's port towards its router. */
function renderSwitchUplink(rows: Rows, switchId: string): string {
  const name = `router-${switchId}`
  return rows.add('Logical_Switch_Port', name, [], () => [
    {
      name,
      type: 'router',
      addresses: new Set(['router']),
      options: new Map([['router-port', routerPortName(switchId)]]),
    },
  ])
}

function renderPort(rows: Rows, switchId: string, port: LogicalPort, nextHops: ReadonlySet<string>): string {
  const { id, mac, ips, hostname } = port
  // Who forwards for others sends and receives with their addresses, and is held to its own MAC address only.
  const forwards = ips.some((ip) => nextHops.has(ip))
  return rows.add('Logical_Switch_Port', id, [switchId, mac, hostname, forwards, ...ips], () => {
    const addresses = new Set([[checkMac(mac), ...ips.map(checkAddress)].join(' ')])
    const quoted = dhcpHostname(hostname)
    return [
      {
        name: id,
        type: '',
        addresses,
        port_security: forwards ? new Set([mac]) : addresses,
        options: new Map(quoted === undefined ? [] : [['hostname', quoted]]),
      },
      { dhcpv4_options: { table: 'DHCP_Options', keys: new Set([switchId]) } },
    ]
  })
}

/**
 * A small switch on each router where its metadata service listens. The port is a `localport`: every host has its own,
 * and a guest's request goes to the one on its host.
 */
function renderServiceSwitch(rows: Rows, routerId: string): string {
  const id = `svc-${routerId}`
  const name = metadataPortName(routerId)
  const addresses = new Set([`${metadataMac(routerId)} ${metadataAddress}`])
  const port = rows.add('Logical_Switch_Port', name, [], () => [{ name, type: 'localport', addresses }])
  renderSwitchRow(rows, id, new Set([renderSwitchUplink(rows, id), port]))
  return renderRouterPort(rows, id, serviceNetwork.gatewayIp, String(serviceNetwork.prefixLength), mainRouteTable)
}

function renderGroup(rows: Rows, name: string, ports: ReadonlySet<string>, acls: Acl[]): void {
  const keys = new Set<string>()
  for (const { id, ...columns } of acls) {
    keys.add(rows.add('ACL', `${name}/${id}`, Object.values(columns), () => [columns]))
  }
  rows.add('Port_Group', name, [...ports, '', ...keys], () => [
    { name },
    { ports: { table: 'Logical_Switch_Port', keys: ports }, acls: { table: 'ACL', keys } },
  ])
}

/** A host name as OVN's expressions quote it; one with other characters than host names have is not handed out. */
function dhcpHostname(hostname: string | undefined): string | undefined {
  return hostname !== undefined && /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/.test(hostname) ? `"${hostname}"` : undefined
}

function prefixLength(cidr: string): string {
  return checkCidr(cidr).split('/')[1]!
}

function routerPortName(switchId: string): string {
  return `lrp-${switchId}`
}
