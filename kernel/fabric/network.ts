/**
 * The logical network as the control plane desires it: plain data, no product names, no wire.
 * The control plane derives one `LogicalNetwork` from its rows; a `NetworkDriver` makes it true.
 */

/** Whole desired network of one cell. What is absent from it must not exist. */
export interface LogicalNetwork {
  routers: LogicalRouter[]
  securityGroups: SecurityGroup[]
}

/** One virtual router and what hangs on it (a VPC, for the customer). Address spaces of two routers may overlap. */
export interface LogicalRouter {
  id: string
  switches: LogicalSwitch[]
  routes: StaticRoute[]
}

export interface StaticRoute {
  /** `main`, or the id of a table that switches choose through `routeTable`. */
  table: string
  /** IPv4 CIDR, such as `10.9.0.0/16` or `0.0.0.0/0`. */
  prefix: string
  /** Next hop address inside this router's switches; `discard` drops. */
  via: string | 'discard'
}

export interface LogicalSwitch {
  id: string
  /** IPv4 CIDR. */
  cidr: string
  /** Address of the router on this switch, and of DHCP and DNS as guests see them. */
  gatewayIp: string
  /** Id of the route table this switch follows; `main` by default. */
  routeTable?: string
  ports: LogicalPort[]
}

/** One virtual network card's place on a switch. */
export interface LogicalPort {
  /** Also the OVS `external_ids:iface-id` that binds a tap to it. */
  id: string
  /** Lower case, colon separated. */
  mac: string
  /** IPv4, primary first. Port security admits only these with `mac`, or any with it when a route leads to one of them. */
  ips: string[]
  /** Name DHCP hands to the guest. */
  hostname?: string
  securityGroupIds: string[]
}

export interface SecurityGroup {
  id: string
  /** Whether members reach each other without a rule. */
  innerAccess: 'accept' | 'drop'
  rules: SecurityRule[]
}

/**
 * One rule. Rules of all groups of a port are judged together: lowest `priority` number first, and `drop` before
 * `accept` at equal priority. What no rule matches: ingress is dropped, egress is accepted.
 */
export interface SecurityRule {
  id: string
  direction: 'ingress' | 'egress'
  policy: 'accept' | 'drop'
  /** 1 (first) to 100 (last). */
  priority: number
  protocol: 'tcp' | 'udp' | 'icmp' | 'gre' | 'all'
  /** Destination ports, inclusive; absent means all. TCP and UDP only. */
  ports?: { from: number; to: number }
  /** Source ports, inclusive; absent means all. TCP and UDP only. */
  sourcePorts?: { from: number; to: number }
  /** The other side: source for ingress, destination for egress. */
  peer: { kind: 'cidr'; cidr: string } | { kind: 'group'; id: string }
  /** The near side, when the rule narrows it to a CIDR. */
  local?: { cidr: string }
}

export interface NetworkReport {
  /** Ports for which the desired switch port, addresses and policy are in force in the network's database. */
  readyPortIds: string[]
  /** Rows written by this call; 0 when desired already equalled observed. */
  changes: number
}

/** Makes logical networks true. Calls may overlap; the later desired state wins. */
export interface NetworkDriver {
  /** Compares with what exists and writes the difference in one transaction; policy never lags its ports. */
  apply(desired: LogicalNetwork): Promise<NetworkReport>
  close(): Promise<void>
}
