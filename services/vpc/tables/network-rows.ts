import type { Db } from '@pileus/kernel/store/store'
import { sql } from 'kysely'
import type { NetworkRows } from '../domain/logical-network.ts'
import { tables } from './schema.ts'

/** All rows that shape the network, as of one moment: a port is never seen without its switch and groups. */
export async function readNetworkRows(db: Db): Promise<NetworkRows> {
  return await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const t = tables(tx)
      return {
        vpcs: await t.selectFrom('vpc.vpcs').select('vpc_id').execute(),
        vswitches: await t
          .selectFrom('vpc.vswitches')
          .select(['vswitch_id', 'vpc_id', 'cidr', 'route_table_id'])
          .execute(),
        routeTables: await t.selectFrom('vpc.route_tables').select(['route_table_id', 'vpc_id', 'is_system']).execute(),
        routeEntries: await t
          .selectFrom('vpc.route_entries')
          .select(['route_table_id', 'destination', 'next_hop_id'])
          .execute(),
        nics: await readNics(tx),
        securityGroups: await t
          .selectFrom('vpc.security_groups')
          .select(['security_group_id', 'type', 'inner_access'])
          .execute(),
        rules: await t
          .selectFrom('vpc.security_group_rules')
          .select([
            'rule_id',
            'security_group_id',
            'direction',
            'policy',
            'priority',
            'protocol',
            'port_range',
            'source_port_range',
            'peer_cidr',
            'peer_group_id',
            'local_cidr',
          ])
          .execute(),
      }
    })
}

type NicRows = NetworkRows['nics']

async function readNics(tx: Db): Promise<NicRows> {
  // Hash joins over whole tables, and one text per card: much cheaper than a sub-select per card, or a row per address.
  const { rows } = await sql<
    Omit<NicRows[number], 'ips' | 'security_group_ids'> & { ips: string; groups: string | null }
  >`
    select n.nic_id, n.vpc_id, n.vswitch_id, n.mac, n.hostname, n.instance_id, n.type, a.ips, g.groups
    from vpc.nics n
    join (select nic_id, string_agg(host(ip), ' ' order by is_primary desc, ip) as ips
      from vpc.addresses group by nic_id) a using (nic_id)
    left join (select nic_id, string_agg(security_group_id, ' ' order by security_group_id) as groups
      from vpc.nic_security_groups group by nic_id) g using (nic_id)`.execute(tx)
  return rows.map(({ ips, groups, ...nic }) => ({
    ...nic,
    ips: ips.split(' '),
    security_group_ids: groups === null ? [] : groups.split(' '),
  }))
}
