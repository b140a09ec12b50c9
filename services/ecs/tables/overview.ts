import type { Db } from '@pileus/kernel/store/store'
import { sql } from 'kysely'

/** What an operator sees of machines and the hosts they are on. */
export interface Overview {
  machines: { total: number; running: number }
  hosts: {
    agentId: string
    engine: string
    accelerator: string
    vcpus: number
    vcpusReserved: number
    memoryMiB: number
    memoryReservedMiB: number
    lastSeenAt: string
  }[]
}

/** Counts of all accounts, and up to 100 hosts. */
export async function readOverview(db: Db): Promise<Overview> {
  const machines = await sql<{ total: number; running: number }>`
    select count(*) as total, count(*) filter (where status = 'Running') as running
    from ecs.instances where deleted_at is null`.execute(db)
  const hosts = await sql<{
    id: string
    engine: string
    accelerator: string
    vcpus: number
    reserved_vcpus: number
    memory_mib: number
    reserved_memory_mib: number
    heartbeat_at: Date
  }>`select * from ecs.host_pools order by id limit 100`.execute(db)
  return {
    machines: machines.rows[0] ?? { total: 0, running: 0 },
    hosts: hosts.rows.map((row) => ({
      agentId: row.id,
      engine: row.engine,
      accelerator: row.accelerator,
      vcpus: row.vcpus,
      vcpusReserved: row.reserved_vcpus,
      memoryMiB: row.memory_mib,
      memoryReservedMiB: row.reserved_memory_mib,
      lastSeenAt: row.heartbeat_at.toISOString(),
    })),
  }
}
