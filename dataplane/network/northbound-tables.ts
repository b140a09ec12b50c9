/** The tables and columns of the OVN northbound database that this driver owns or reads. */
import { atom, optional, setOf, strings } from '../ovsdb/schema.ts'

export const northboundTables = {
  NB_Global: {
    nb_cfg: atom('integer'),
    sb_cfg: atom('integer'),
    hv_cfg: atom('integer'),
  },
  Logical_Router: {
    name: atom('string'),
    ports: setOf('uuid'),
    static_routes: setOf('uuid'),
    options: strings,
    external_ids: strings,
  },
  Logical_Router_Port: {
    name: atom('string'),
    mac: atom('string'),
    networks: setOf('string'),
    options: strings,
    external_ids: strings,
  },
  Logical_Router_Static_Route: {
    route_table: atom('string'),
    ip_prefix: atom('string'),
    nexthop: atom('string'),
    external_ids: strings,
  },
  Logical_Switch: {
    name: atom('string'),
    ports: setOf('uuid'),
    other_config: strings,
    external_ids: strings,
  },
  Logical_Switch_Port: {
    name: atom('string'),
    type: atom('string'),
    addresses: setOf('string'),
    port_security: setOf('string'),
    dhcpv4_options: optional('uuid'),
    options: strings,
    external_ids: strings,
  },
  DHCP_Options: {
    cidr: atom('string'),
    options: strings,
    external_ids: strings,
  },
  Port_Group: {
    name: atom('string'),
    ports: setOf('uuid'),
    acls: setOf('uuid'),
    external_ids: strings,
  },
  ACL: {
    direction: atom('string'),
    priority: atom('integer'),
    match: atom('string'),
    action: atom('string'),
    external_ids: strings,
  },
} as const

export type NorthboundTables = typeof northboundTables

/** Tables whose rows this driver makes. */
export type OwnedTable = Exclude<keyof NorthboundTables, 'NB_Global'>

/** Rows of these stand alone; rows of other tables live while a row of these refers to them. */
export const rootTables: ReadonlySet<OwnedTable> = new Set<OwnedTable>([
  'Logical_Router',
  'Logical_Switch',
  'DHCP_Options',
  'Port_Group',
])

/** Key in `external_ids` that says which cell made a row. */
export const ownerKey = 'pileus'
/** Key in `external_ids` that identifies a row among those of its table and cell. */
export const rowKey = 'pileus-row'
