import { wake } from '@pileus/kernel/wake'
import { getInstanceType } from './domain/instance-types.ts'
import { poolTopic } from './domain/wake-topics.ts'
import type { EcsPort, InstanceFacts } from './port.ts'
import { findInstances, listPoolIds, lockInstance } from './tables/instances.ts'
import type { InstanceRow } from './tables/schema.ts'

/** What ECS offers to other products. */
export function createEcsPort(): EcsPort {
  return {
    async lockInstance(db, owner, instanceId) {
      return facts(await lockInstance(db, owner, instanceId))
    },
    async listInstanceFacts(db, owner, instanceIds) {
      const rows = await findInstances(db, owner, instanceIds)
      return new Map([...rows].map(([id, row]) => [id, facts(row)]))
    },
    async noteMachinesChanged(db, instanceIds) {
      for (const poolId of await listPoolIds(db, instanceIds)) await wake(db, poolTopic(poolId))
    },
  }
}

function facts(row: InstanceRow): InstanceFacts {
  const type = getInstanceType(row.instance_type)
  return {
    instanceId: row.id,
    status: row.status,
    zoneId: row.zone_id,
    vpcId: row.vpc_id,
    vswitchId: row.vswitch_id,
    instanceType: row.instance_type,
    eniQuantity: type.eniQuantity,
    eniPrivateIpAddressQuantity: type.eniPrivateIpAddressQuantity,
  }
}
