/** The books of a cloud: what is reserved must be what is held, and nothing may be held by nobody. */
import type pg from 'pg'

export interface Ledger {
  instances: number
  disks: number
  nics: number
  addresses: number
  /** Virtual CPUs reserved on all pools together. */
  reservedVcpus: number
  reservedMemoryMiB: number
  reservedDiskGiB: number
  vpcs: number
  vswitches: number
  securityGroups: number
  /** What does not add up, each in words; empty in a sound cloud. */
  faults: string[]
}

/** Reads all accounts and regions, as of one moment. */
export async function readLedger(pool: pg.Pool): Promise<Ledger> {
  const { rows } = await pool.query<Ledger>(`
    with held as (
      select i.pool_id,
        sum(case when i.reserved then i.vcpus else 0 end)::integer as vcpus,
        sum(case when i.reserved then i.memory_mib else 0 end)::integer as memory_mib
      from ecs.instances i group by 1
    ), pools as (
      select p.*, coalesce(h.vcpus, 0) as held_vcpus, coalesce(h.memory_mib, 0) as held_memory_mib,
        (select coalesce(sum(d.size_gib), 0)::integer from ecs.disks d where d.pool_id = p.id) as held_disk_gib
      from ecs.host_pools p left join held h on h.pool_id = p.id
    ), faults as (
      select format('pool %s has %s vCPUs, %s MiB, %s GiB reserved, and its instances hold %s, %s, %s', id,
          reserved_vcpus, reserved_memory_mib, reserved_disk_gib, held_vcpus, held_memory_mib, held_disk_gib) as fault
        from pools where (reserved_vcpus, reserved_memory_mib, reserved_disk_gib)
          is distinct from (held_vcpus, held_memory_mib, held_disk_gib)
      union all
      select format('pool %s is over-committed', id) from pools
        where reserved_vcpus > vcpus or reserved_memory_mib > memory_mib or reserved_disk_gib > disk_gib
      union all
      select format('disk %s is of instance %s, which is not there', id, instance_id) from ecs.disks
        where instance_id is not null and instance_id not in (select id from ecs.instances)
      union all
      select format('disk %s is on another host than its instance %s', d.id, i.id)
        from ecs.disks d join ecs.instances i on i.id = d.instance_id where d.pool_id is distinct from i.pool_id
      union all
      select format('card %s is of instance %s, which is not there', nic_id, instance_id) from vpc.nics
        where instance_id is not null and instance_id not in (select id from ecs.instances)
      union all
      select format('card %s has no address', nic_id) from vpc.nics
        where nic_id not in (select nic_id from vpc.addresses)
      union all
      select format('instance %s has no card', id) from ecs.instances
        where id not in (select instance_id from vpc.nics where instance_id is not null)
      union all
      select format('instance %s has no system disk', id) from ecs.instances
        where id not in (select instance_id from ecs.disks where role = 'system' and instance_id is not null)
      union all
      select format('address %s of vswitch %s is given twice', ip, vswitch_id) from vpc.addresses
        group by ip, vswitch_id having count(*) > 1
    )
    select
      (select count(*)::integer from ecs.instances) as instances,
      (select count(*)::integer from ecs.disks) as disks,
      (select count(*)::integer from vpc.nics) as nics,
      (select count(*)::integer from vpc.addresses) as addresses,
      (select coalesce(sum(reserved_vcpus), 0)::integer from pools) as "reservedVcpus",
      (select coalesce(sum(reserved_memory_mib), 0)::integer from pools) as "reservedMemoryMiB",
      (select coalesce(sum(reserved_disk_gib), 0)::integer from pools) as "reservedDiskGiB",
      (select count(*)::integer from vpc.vpcs) as vpcs,
      (select count(*)::integer from vpc.vswitches) as vswitches,
      (select count(*)::integer from vpc.security_groups) as "securityGroups",
      (select coalesce(array_agg(fault), '{}') from faults) as faults`)
  const [ledger] = rows
  if (!ledger) throw new Error('the ledger cannot be read')
  return ledger
}

/** The ledger of a cloud in which nobody has anything. */
export const emptyLedger: Ledger = {
  instances: 0,
  disks: 0,
  nics: 0,
  addresses: 0,
  reservedVcpus: 0,
  reservedMemoryMiB: 0,
  reservedDiskGiB: 0,
  vpcs: 0,
  vswitches: 0,
  securityGroups: 0,
  faults: [],
}
