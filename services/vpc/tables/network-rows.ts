import type { Db } from '@pileus/kernel/store/store'
import { type RawBuilder, sql } from 'kysely'
import type { NetworkRows } from '../domain/logical-network.ts'

/**
 * All rows that shape the network, as of one moment: a port is never seen without its switch and groups. One statement,
 * because each would be an exchange with the database, and every change of the network waits for this.
 */
export async function readNetworkRows(db: Db): Promise<NetworkRows> {
  const { rows } = await sql<NetworkRows>`select
    ${listOf(sql`select vpc_id from vpc.vpcs`)} as vpcs,
    ${listOf(sql`select vswitch_id, vpc_id, cidr, route_table_id from vpc.vswitches`)} as vswitches,
    ${listOf(sql`select route_table_id, vpc_id, is_system from vpc.route_tables`)} as "routeTables",
    ${listOf(sql`select route_table_id, destination, next_hop_id from vpc.route_entries`)} as "routeEntries",
    ${listOf(nics)} as nics,
    ${listOf(sql`select security_group_id, type, inner_access from vpc.security_groups`)} as "securityGroups",
    ${listOf(sql`select rule_id, security_group_id, direction, policy, priority, protocol, port_range,
      source_port_range, peer_cidr, peer_group_id, local_cidr from vpc.security_group_rules`)} as rules
  `.execute(db)
  return rows[0]!
}

/** Hash joins over whole tables are much cheaper than a sub-select per card. */
const nics = sql`
  select n.nic_id, n.vpc_id, n.vswitch_id, n.mac, n.hostname, n.instance_id, n.type, a.ips,
    coalesce(g.groups, '{}') as security_group_ids
  from vpc.nics n
  join (select nic_id, array_agg(host(ip) order by is_primary desc, ip) as ips
    from vpc.addresses group by nic_id) a using (nic_id)
  left join (select nic_id, array_agg(security_group_id order by security_group_id) as groups
    from vpc.nic_security_groups group by nic_id) g using (nic_id)`

/** The rows of a query as one JSON array. */
function listOf(query: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(select coalesce(json_agg(row), '[]') from (${query}) row)`
}
