/** Fills a cloud with instances: one is launched through the API, and its rows are copied with ids of their own. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { shortDirectory } from '@pileus/kernel/short-directory'
import { callRpc } from '@pileus/testkit/rpc-client'
import pg from 'pg'
import type { StartedPileus } from './pileus.ts'

type Parameters = Record<string, string>

/** Most rows of one transaction. */
const batchSize = 1_000

/** Leaves `count` instances in the default region. @throws Error when a call is refused */
export async function fillWithInstances(pileus: StartedPileus, count: number): Promise<void> {
  const instanceId = await launchOne(pileus)
  const client = new pg.Client({
    host: shortDirectory(join(pileus.ready.dataDir, 'postgres'), 'socket', '.s.PGSQL.5432'.length),
    port: 5432,
    user: 'pileus',
    database: 'postgres',
  })
  await client.connect()
  try {
    // No agent serves this pool, so nothing is started for the copies.
    await copyRows(client, 'ecs.host_pools', { id: "'bench'" }, 'true limit 1', [1, 1])
    for (let from = 1; from < count; from += batchSize) {
      const numbers: [number, number] = [from, Math.min(from + batchSize, count) - 1]
      await client.query('begin')
      await copyInstance(client, instanceId, numbers)
      await client.query('commit')
    }
    await client.query('vacuum analyze')
  } finally {
    await client.end()
  }
}

async function copyInstance(client: pg.Client, instanceId: string, numbers: [number, number]): Promise<void> {
  const id = (prefix: string): string => `'${prefix}-' || lpad(n::text, 20, '0')`
  const instance = id('i')
  const nic = id('eni')
  const created = "source.created_at + n * interval '1 millisecond'"
  const ofInstance = `instance_id = '${instanceId}'`
  const ofNic = `nic_id in (select nic_id from vpc.nics where ${ofInstance})`
  const mac = "'06:' || regexp_replace(lpad(to_hex(n), 10, '0'), '(..)(?!$)', '\\1:', 'g')"
  await copyRows(
    client,
    'ecs.instances',
    { id: instance, created_at: created, pool_id: "'bench'" },
    `id = '${instanceId}'`,
    numbers,
  )
  await copyRows(client, 'ecs.disks', { id: id('d'), instance_id: instance, created_at: created }, ofInstance, numbers)
  await copyRows(
    client,
    'vpc.nics',
    { nic_id: nic, instance_id: instance, mac, created_at: created },
    ofInstance,
    numbers,
  )
  await copyRows(client, 'vpc.addresses', { nic_id: nic, ip: 'source.ip + n' }, ofNic, numbers)
  await copyRows(client, 'vpc.nic_security_groups', { nic_id: nic }, ofNic, numbers)
}

/** Copies the rows that `where` finds once for each number `n`; `changes` are SQL by column. */
async function copyRows(
  client: pg.Client,
  table: string,
  changes: Readonly<Record<string, string>>,
  where: string,
  numbers: [number, number],
): Promise<void> {
  const [schema, name] = table.split('.')
  const { rows } = await client.query<{ column_name: string }>(
    `select column_name from information_schema.columns
      where table_schema = $1 and table_name = $2 and is_generated = 'NEVER'`,
    [schema, name],
  )
  const columns = rows.map((row) => row.column_name)
  const values = columns.map((column) => changes[column] ?? `source.${column}`)
  await client.query(
    `insert into ${table} (${columns.join(', ')})
      select ${values.join(', ')} from (select * from ${table} where ${where}) as source,
        generate_series($1::int, $2::int) as n`,
    numbers,
  )
}

async function launchOne({ ready }: StartedPileus): Promise<string> {
  const RegionId = ready.defaultRegion
  const call = async (product: string, action: string, parameters: Parameters): Promise<Record<string, unknown>> => {
    const answer = await callRpc(ready.endpoint, ready, product, action, { RegionId, ...parameters })
    if (answer.status !== 200) throw new Error(`${action} got ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  const ZoneId = `${RegionId}-h`
  const { VpcId } = (await call('Vpc', 'CreateVpc', { CidrBlock: '10.0.0.0/8' })) as { VpcId: string }
  await until(async () => (await call('Vpc', 'DescribeVpcAttribute', { VpcId }))['Status'] === 'Available')
  const { VSwitchId } = (await call('Vpc', 'CreateVSwitch', { VpcId, ZoneId, CidrBlock: '10.0.0.0/16' })) as {
    VSwitchId: string
  }
  const isReady = async () => (await call('Vpc', 'DescribeVSwitchAttributes', { VSwitchId }))['Status'] === 'Available'
  await until(isReady)
  const group = (await call('Ecs', 'CreateSecurityGroup', { VpcId })) as { SecurityGroupId: string }
  const { Images } = (await call('Ecs', 'DescribeImages', {})) as { Images: { Image: { ImageId: string }[] } }
  const ImageId = Images.Image[0]?.ImageId
  if (!ImageId) throw new Error('there is no image')
  const types = (await call('Ecs', 'DescribeInstanceTypes', {})) as {
    InstanceTypes: { InstanceType: { InstanceTypeId: string; MemorySize: number }[] }
  }
  const [smallest] = types.InstanceTypes.InstanceType.sort((a, b) => a.MemorySize - b.MemorySize)
  if (!smallest) throw new Error('there is no instance type')
  const launched = (await call('Ecs', 'RunInstances', {
    VSwitchId,
    ImageId,
    SecurityGroupId: group.SecurityGroupId,
    InstanceType: smallest.InstanceTypeId,
    ClientToken: randomUUID(),
  })) as { InstanceIdSets: { InstanceIdSet: string[] } }
  const [instanceId] = launched.InstanceIdSets.InstanceIdSet
  if (!instanceId) throw new Error('RunInstances answered without an instance')
  await until(async () => {
    const listed = (await call('Ecs', 'DescribeInstanceStatus', {})) as {
      InstanceStatuses: { InstanceStatus: { Status: string }[] }
    }
    return listed.InstanceStatuses.InstanceStatus[0]?.Status === 'Running'
  })
  return instanceId
}

async function until(probe: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 30_000
  while (!(await probe())) {
    if (performance.now() > deadlineMs) throw new Error('the cloud did not get ready within 30 s')
    await new Promise((wake) => setTimeout(wake, 100))
  }
}
