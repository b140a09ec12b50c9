import * as $Ecs from '@alicloud/ecs20140526'
import { startTestCloud } from '@pileus/testkit/test-cloud'
import { expect, test } from 'vitest'

test.each([
  { machines: 1, room: 200 },
  { machines: 4, room: 150 },
])(
  '200 parallel RunInstances with room for $room on $machines machines: no address twice, nothing over-committed',
  async ({ machines, room }) => {
    await using cloud = await startTestCloud({ machines })
    const { regionId } = cloud
    const { pool } = cloud.running.store
    const memoryMiB = Math.floor(room / machines) * 512
    await pool.query('update ecs.host_pools set memory_mib = $1', [memoryMiB])
    const fitting = machines * (memoryMiB / 512)

    // By hand, because the SDK gives up after three seconds, and 200 at once may take longer on a busy machine.
    const parameters = { RegionId: regionId, ImageId: 'micro', InstanceType: 'ecs.t5-lc2m1.nano' }
    const answers = await Promise.all(Array.from({ length: 200 }, () => cloud.call('Ecs', 'RunInstances', parameters)))
    const refused = answers.filter((answer) => answer.status !== 200)
    expect(new Set(refused.map((answer) => answer.body['Code']))).toEqual(
      new Set(fitting < 200 ? ['OperationDenied.NoStock'] : []),
    )
    expect(refused).toHaveLength(200 - fitting)

    const running = async () => {
      const pages = [1, 2].map((pageNumber) =>
        cloud.ecs.describeInstances(
          new $Ecs.DescribeInstancesRequest({ regionId, status: 'Running', pageNumber, pageSize: 100 }),
        ),
      )
      return (await Promise.all(pages)).flatMap(({ body }) => body?.instances?.instance ?? [])
    }
    const all = await cloud.eventually(
      'all run',
      async () => {
        const rows = await running()
        return rows.length === fitting && rows
      },
      30_000,
    )
    const addresses = all.map((row) => row.vpcAttributes?.privateIpAddress?.ipAddress?.[0])
    expect(new Set(addresses).size).toBe(fitting)
    const wrong = await pool.query(`
      select p.id from ecs.host_pools p left join ecs.instances i on i.pool_id = p.id and i.reserved
      group by p.id having p.reserved_vcpus <> coalesce(sum(i.vcpus), 0)
        or p.reserved_memory_mib <> coalesce(sum(i.memory_mib), 0) or p.reserved_memory_mib > p.memory_mib`)
    expect(wrong.rows).toEqual([])

    const ids = all.map((row) => row.instanceId ?? '')
    for (let i = 0; i < ids.length; i += 100) {
      const instanceId = ids.slice(i, i + 100)
      await cloud.ecs.deleteInstances(new $Ecs.DeleteInstancesRequest({ regionId, instanceId, force: true }))
    }
    await cloud.eventually('nothing is left', async () => {
      const left = await pool.query(`
        select (select count(*) from ecs.instances) + (select count(*) from ecs.disks) + (select count(*) from vpc.nics)
          + (select count(*) from vpc.addresses) + (select sum(reserved_vcpus) from ecs.host_pools) as n`)
      return Number(left.rows[0].n) === 0
    })
  },
  60_000,
)
