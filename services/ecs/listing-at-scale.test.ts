import * as $Ecs from '@alicloud/ecs20140526'
import { startTestCloud } from '@pileus/testkit/test-cloud'
import { expect, test } from 'vitest'

/** Copies the instance so often, the copies older than it. */
const copies = `
  insert into ecs.instances (id, account_id, region_id, zone_id, pool_id, instance_type, vcpus, memory_mib, image_id,
    os_name, platform, name, description, host_name, user_data, vpc_id, vswitch_id, resource_group_id,
    credit_specification, deletion_protection, http_endpoint, http_tokens, http_hop_limit, serial_number, created_at,
    desired_power, force_power, stopped_mode, reserved)
  select 'i-copy-' || n, account_id, region_id, zone_id, 'elsewhere', instance_type, vcpus, memory_mib, image_id,
    os_name, platform, name, description, host_name, user_data, vpc_id, vswitch_id, resource_group_id,
    credit_specification, deletion_protection, http_endpoint, http_tokens, http_hop_limit, serial_number,
    created_at - n * interval '1 second', 'off', force_power, stopped_mode, false
  from ecs.instances, generate_series(1, $1) n`

test('a page of DescribeInstances reads as few rows among many instances as among few', async () => {
  await using cloud = await startTestCloud()
  const { regionId } = cloud
  const { pool } = cloud.running.store
  const request = new $Ecs.RunInstancesRequest({ regionId, imageId: 'micro', instanceType: 'ecs.t5-lc2m1.nano' })
  await cloud.ecs.runInstances(request)
  await pool.query(`insert into ecs.host_pools (id, engine, accelerator, vcpus, memory_mib, disk_gib, image_ids,
    heartbeat_at) values ('elsewhere', 'simulated', 'none', 0, 0, 0, '{}', now())`)
  await pool.query(copies, [20_000])
  await pool.query('analyze ecs.instances')
  const plan = await pool.query(
    `explain (analyze, format json) select * from ecs.instances
     where account_id = $1 and region_id = $2 and deleted_at is null
     order by created_at desc, id desc limit 100`,
    [cloud.accountId, regionId],
  )
  const scan = plan.rows[0]['QUERY PLAN'][0].Plan.Plans[0]
  expect(scan).toMatchObject({ 'Node Type': 'Index Scan', 'Index Name': 'instances_listed', 'Actual Rows': 100 })

  const page = new $Ecs.DescribeInstancesRequest({ regionId, pageSize: 100 })
  const count = async (filter = {}) =>
    (await cloud.ecs.describeInstances(new $Ecs.DescribeInstancesRequest({ ...page, ...filter }))).body?.totalCount
  expect(await count()).toBe(20_001)
  await pool.query(`update ecs.instances set deleted_at = now() where id like 'i-copy-1%'`)
  await pool.query(`delete from ecs.instances where id like 'i-copy-2%'`)
  const left = await pool.query('select count(*)::int as n from ecs.instances where deleted_at is null')
  expect(await count()).toBe(left.rows[0].n)
  await pool.query(`update ecs.instances set instance_type = 'ecs.t5-lc1m1.small' where id like 'i-copy-3%'`)
  const grouped = await pool.query(
    `select status, zone_id, vpc_id, instance_type, count(*)::int as n from ecs.instances where deleted_at is null
      group by 1, 2, 3, 4`,
  )
  const countEach = async () => {
    for (const { status, zone_id: zoneId, vpc_id: vpcId, instance_type: instanceType, n } of grouped.rows) {
      expect(await count({ status, zoneId, vpcId, instanceType })).toBe(n)
    }
  }
  expect(grouped.rows.length).toBeGreaterThan(1)
  await countEach()
  await cloud.running.reconcilers.passAll()
  const steps = await pool.query('select count(*)::int as n from ecs.instance_count_steps')
  expect(steps.rows[0].n).toBeLessThan(20)
  expect(await count()).toBe(left.rows[0].n)
  await countEach()
})
