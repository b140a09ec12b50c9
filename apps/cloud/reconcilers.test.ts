/** What every reconciler promises: when a pass has made things true the next one writes nothing; passes may overlap. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { forgetExpired } from '@pileus/kernel/nonces'
import type { Reconciler } from '@pileus/kernel/reconcile'
import { addGeneration } from '@pileus/kernel/region-key-file'
import { readLedger } from '@pileus/testkit/ledger'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { callOss } from '@pileus/testkit/oss-signed-call'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

let cloud: TestCloud
let reconcilers: Reconciler[]
/** Running, while no host reports and no other reconciler passes. */
const instanceIds: string[] = []

beforeAll(async () => {
  cloud = await startTestCloud({ machines: 2 })
  reconcilers = [
    ...cloud.running.services.all.flatMap((service) => service.reconcilers),
    { name: 'kernel.expiry', everyMs: 0, wakeOn: [], pass: () => forgetExpired(cloud.running.store.pool, new Date()) },
  ]
  instanceIds.push(...(await runInstances('4')))
  await cloud.eventually('the instances run', async () => {
    const { body } = await cloud.call('Ecs', 'DescribeInstanceStatus')
    return body.InstanceStatuses.InstanceStatus.every((one: { Status: string }) => one.Status === 'Running')
  })
  await cloud.running.reconcilers.stop()
  for (const id of cloud.running.engine.simulated?.agentIds ?? []) cloud.running.engine.simulated?.pause(id)
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

type Done = () => Promise<void>

/** Gives each reconciler something to do, and tells how one sees that it was done. */
const work: Readonly<Record<string, () => Promise<Done>>> = {
  'vpc.network': async () => {
    const apply = vi.spyOn(cloud.running.services.network, 'apply')
    const [id = ''] = await runInstances('1')
    return async () => {
      const { NetworkInterfaceSets } = (await call('DescribeNetworkInterfaces', { InstanceId: id })).body
      const nicId = NetworkInterfaceSets.NetworkInterfaceSet[0].NetworkInterfaceId
      const report = await apply.mock.results.at(-1)?.value
      expect(report?.readyPortIds).toContain(nicId)
      apply.mockRestore()
    }
  },
  'ram.snapshots': async () => {
    const UserName = randomUUID()
    await cloud.call('Ram', 'CreateUser', { UserName })
    const { body } = await cloud.call('Ram', 'CreateAccessKey', { UserName })
    const file = join(cloud.running.ready.dataDir, 'ram-snapshots', `${cloud.regionId}.json`)
    return async () => expect(readFileSync(file, 'utf8')).toContain(body.AccessKey.AccessKeyId)
  },
  'ecs.auto-release': async () => {
    const id = instanceIds.pop()
    await sql(`update ecs.instances set auto_release_at = now() - interval '1 minute' where id = $1`, id)
    return async () => {
      expect(await sql('select deleted_at is not null as deleted from ecs.instances where id = $1', id)).toEqual([
        { deleted: true },
      ])
    }
  },
  'ecs.invocations': async () => {
    const shell = { Type: 'RunShellScript', CommandContent: 'dHJ1ZQ==' }
    const { InvokeId } = (await call('RunCommand', { ...shell, 'InstanceId.1': instanceIds[0] ?? '' })).body
    const late = `update ecs.invocation_targets set created_at = now() - interval '1 hour' where invoke_id = $1`
    await sql(late, InvokeId)
    return async () => {
      const targets = await sql('select status, error_code from ecs.invocation_targets where invoke_id = $1', InvokeId)
      expect(targets).toEqual([{ status: 'Failed', error_code: 'DeliveryTimeout' }])
    }
  },
  'ecs.counts': async () => {
    // Each adds one step to what is counted.
    for (let i = 0; i < 20; i += 1) await runInstances('1')
    const before = (await call('DescribeInstances')).body.TotalCount
    return async () => {
      expect((await call('DescribeInstances')).body.TotalCount).toBe(before)
      // Passes that overlap may leave one each.
      expect((await sql('select 1 from ecs.instance_count_steps')).length).toBeLessThanOrEqual(3)
    }
  },
  'ram.access-key-uses': async () => {
    const key = cloud.accessKeyId
    await sql('update ram.access_keys set last_used_at = null where access_key_id = $1', key)
    await cloud.call('Sts', 'GetCallerIdentity')
    return async () => {
      const used = 'select last_used_at is not null as used from ram.access_keys where access_key_id = $1'
      expect(await sql(used, key)).toEqual([{ used: true }])
    }
  },
  'oss.garbage': async () => {
    const client = await ossClient()
    for (const text of ['old', 'new']) await client.put('overwritten', Buffer.from(text))
    expect(await sql('select 1 from oss.garbage')).not.toEqual([])
    return async () => {
      expect(await sql('select 1 from oss.garbage')).toEqual([])
      expect(String((await client.get('overwritten')).content)).toBe('new')
    }
  },
  'oss.sweep': async () => {
    const client = await ossClient()
    await client.put('kept', Buffer.from('bytes that a row holds'))
    return async () => expect(String((await client.get('kept')).content)).toBe('bytes that a row holds')
  },
  'actiontrail.log': async () => {
    await cloud.call('Sts', 'GetCallerIdentity')
    expect(await sql('select 1 from actiontrail.inbox')).not.toEqual([])
    return async () => {
      expect(await sql('select 1 from actiontrail.inbox')).toEqual([])
      const [log] = await sql(`select checkpoint from actiontrail.logs where region_id = 'cn-hangzhou'`)
      const published = join(cloud.running.ready.dataDir, 'audit', 'cn-hangzhou', 'checkpoint')
      expect(readFileSync(published, 'utf8')).toBe(log?.['checkpoint'])
    }
  },
  'actiontrail.begun': async () => {
    const eventId = randomUUID()
    await sql(
      `insert into actiontrail.begun (event_id, region_id, event_time, begun_at, body)
       values ($1, 'cn-hangzhou', now(), now() - interval '1 hour', '{"eventName":"PutBucket"}')`,
      eventId,
    )
    return async () => {
      expect(await sql('select 1 from actiontrail.begun where event_id = $1', eventId)).toEqual([])
      await cloud.running.services.actiontrail.sequencer.placeWaiting()
      const told = await sql('select event_name from actiontrail.entries where event_id = $1', eventId)
      expect(told).toEqual([{ event_name: 'PutBucket' }])
    }
  },
  'actiontrail.delivery': async () => {
    const client = await ossClient()
    const Name = `trail-${randomUUID().slice(0, 8)}`
    const trail = (action: string, parameters = {}) => cloud.call('Actiontrail', action, { Name, ...parameters })
    await trail('CreateTrail', { OssBucketName: 'reconciled', TrailRegion: 'cn-hangzhou', OssKeyPrefix: Name })
    await trail('StartLogging')
    await runInstances('1')
    await trail('StopLogging')
    await cloud.running.services.actiontrail.sequencer.placeWaiting()
    return async () => {
      const { objects } = await client.listV2({ prefix: `${Name}/` } as never, {})
      expect(objects).toHaveLength(1)
      expect(await sql('select 1 from actiontrail.spans')).toEqual([])
    }
  },
  'kms.times': async () => {
    const { body } = await cloud.call('Kms', 'CreateKey')
    const { KeyId } = body.KeyMetadata
    await cloud.call('Kms', 'ScheduleKeyDeletion', { KeyId, PendingWindowInDays: '7' })
    await sql(`update kms.keys set delete_at = now() - interval '1 minute' where key_id = $1`, KeyId)
    return async () => expect(await sql('select 1 from kms.keys where key_id = $1', KeyId)).toEqual([])
  },
  'kms.rewrap': async () => {
    const { body } = await cloud.call('Kms', 'CreateKey')
    const { KeyId } = body.KeyMetadata
    const plain = { KeyId, Plaintext: 'dGV4dA==' }
    const { CiphertextBlob } = (await cloud.call('Kms', 'Encrypt', plain)).body
    const file = join(cloud.running.ready.dataDir, 'keys', 'regions', 'cn-hangzhou.key')
    const generation = await addGeneration(file, 'cn-hangzhou', { find: () => undefined })
    return async () => {
      const decrypted = await cloud.call('Kms', 'Decrypt', { CiphertextBlob })
      expect(decrypted.body).toMatchObject({ KeyId, Plaintext: plain.Plaintext })
      expect(cloud.running.regionKeys.state('cn-hangzhou')).toMatchObject({ kind: 'open', generation })
    }
  },
  'oss.scrub': async () => {
    const client = await ossClient()
    await client.put('scrubbed', Buffer.from('bytes without damage'))
    return async () => expect(await cloud.running.services.oss.listDamagedObjects(10)).toEqual([])
  },
  'oss.stat': async () => {
    const client = await ossClient()
    await client.put(`counted-${randomUUID()}`, Buffer.from('12345'))
    expect(await sql('select 1 from oss.stat_steps')).not.toEqual([])
    return async () => {
      expect(await sql('select 1 from oss.stat_steps')).toEqual([])
      const counted = 'select sum(objects)::int as n from oss.stats join oss.buckets using (bucket_id) where name = $1'
      expect(await sql(counted, 'reconciled')).toEqual(
        await sql(
          'select count(*)::int as n from oss.objects join oss.buckets using (bucket_id) where name = $1',
          'reconciled',
        ),
      )
    }
  },
  'oss.lifecycle': async () => {
    const client = await ossClient()
    await client.put('old/one', Buffer.from('to expire'))
    await sql(`update oss.objects set modified_at = now() - interval '3 days' where key = 'old/one'`)
    await configure('lifecycle', {
      root: 'LifecycleConfiguration',
      inside: '<Rule><Prefix>old/</Prefix><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>',
    })
    return async () => expect(await sql(`select 1 from oss.objects where key = 'old/one'`)).toEqual([])
  },
  'oss.replication': async () => {
    const client = await ossClient()
    const [target, key] = ['reconciled-copy', randomUUID()]
    await client.putBucket(target)
    await callOss(cloud, {
      method: 'POST',
      bucket: 'reconciled',
      query: { replication: undefined, comp: 'add' },
      body:
        '<ReplicationConfiguration><Rule><PrefixSet><Prefix>copied/</Prefix></PrefixSet><Destination>' +
        `<Bucket>${target}</Bucket><Location>oss-${cloud.regionId}</Location></Destination></Rule></ReplicationConfiguration>`,
    })
    await client.put(`copied/${key}`, Buffer.from('to be copied'))
    return async () => {
      expect((await callOss(cloud, { method: 'GET', bucket: target, key: `copied/${key}` })).text).toBe('to be copied')
      expect(await sql('select 1 from oss.replication_queue')).toEqual([])
    }
  },
  'oss.access-logs': async () => {
    await ossClient()
    // Behind the back of the gateway, which would log its requests in the midst of what is counted.
    await sql(`update oss.buckets set settings = settings || '{"logging":{"targetBucket":"reconciled","targetPrefix":"l"}}'
      where name = 'reconciled'`)
    const line = `insert into oss.access_lines (bucket_id, hour, line)
      select bucket_id, date_trunc('hour', now()) - interval '2 hours', $1 from oss.buckets where name = 'reconciled'`
    for (const text of ['first', 'second']) await sql(line, text)
    const last = `select line from oss.access_lines where hour < now() - interval '90 minutes'`
    return async () => expect(await sql(last)).toEqual([])
  },
  'oss.inventory': async () => {
    await ossClient()
    const id = randomUUID()
    const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['oss.aliyuncs.com'] } }
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '1', Statement: [trust] })
    await cloud.call('Ram', 'CreateRole', { RoleName: 'lister', AssumeRolePolicyDocument })
    const given = { PolicyType: 'System', PolicyName: 'AliyunOSSFullAccess', RoleName: 'lister' }
    await cloud.call('Ram', 'AttachPolicyToRole', given)
    const roleArn = `acs:ram::${cloud.accountId}:role/lister`
    const destination =
      `<Format>CSV</Format><AccountId>${cloud.accountId}</AccountId><RoleArn>${roleArn}</RoleArn>` +
      '<Bucket>acs:oss:::reconciled</Bucket><Prefix>inventory</Prefix>'
    await callOss(cloud, {
      method: 'PUT',
      bucket: 'reconciled',
      query: { inventory: undefined, inventoryId: id },
      body:
        `<InventoryConfiguration><Id>${id}</Id><IsEnabled>true</IsEnabled><Destination><OSSBucketDestination>` +
        `${destination}</OSSBucketDestination></Destination><Schedule><Frequency>Daily</Frequency></Schedule>` +
        '<IncludedObjectVersions>All</IncludedObjectVersions></InventoryConfiguration>',
    })
    return async () => {
      const written = `select 1 from oss.objects where starts_with(key, 'inventory/reconciled/' || $1)`
      expect(await sql(written, id)).toHaveLength(3)
    }
  },
  'oss.fetch-tasks': async () => {
    await ossClient()
    const source = {
      bucket: 'reconciled',
      key: 'to-fetch',
      body: 'fetched',
      headers: { 'x-oss-object-acl': 'public-read' },
    }
    await callOss(cloud, { method: 'PUT', ...source })
    const key = randomUUID()
    const url = `http://${cloud.endpoint}/reconciled/to-fetch`
    const body = `<AsyncFetchTaskConfiguration><Url>${url}</Url><Object>${key}</Object></AsyncFetchTaskConfiguration>`
    await callOss(cloud, { method: 'POST', bucket: 'reconciled', query: { asyncFetch: undefined }, body })
    return async () => {
      expect(await sql(`select state from oss.fetch_tasks where task->>'key' = $1`, key)).toEqual([
        { state: 'Success' },
      ])
      expect((await callOss(cloud, { method: 'GET', bucket: 'reconciled', key })).text).toBe('fetched')
    }
  },
  'kernel.expiry': async () => {
    await cloud.call('Sts', 'GetCallerIdentity')
    await sql(`update kernel.nonces set valid_until = now() - interval '1 hour'`)
    return async () => {
      expect(await sql('select 1 from kernel.nonces where valid_until < now()')).toEqual([])
    }
  },
}

test('every reconciler is asked', () => {
  expect(reconcilers.map((one) => one.name).sort()).toEqual(Object.keys(work).sort())
})

describe.each(Object.keys(work))('%s', (name) => {
  test('does its work in one pass, and the second writes nothing', async () => {
    const done = await work[name]?.()
    await passOf(name)
    const after = await readVersions()
    await passOf(name)
    expect(await readVersions()).toEqual(after)
    await done?.()
  })

  test('may overlap with itself', async () => {
    const done = await work[name]?.()
    await Promise.all([passOf(name), passOf(name), passOf(name)])
    const after = await readVersions()
    await passOf(name)
    expect(await readVersions()).toEqual(after)
    await done?.()
    expect((await readLedger(cloud.running.store.pool)).faults).toEqual([])
  })
})

function passOf(name: string): Promise<void> {
  const reconciler = reconcilers.find((one) => one.name === name)
  if (!reconciler) throw new Error(`there is no reconciler ${name}`)
  return reconciler.pass()
}

/** The version and place of every row of every table: any write shows, one that changes nothing too. */
async function readVersions(): Promise<Record<string, string[]>> {
  const tables = await sql(`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname in ('kernel', 'ram', 'vpc', 'ecs', 'oss', 'actiontrail') order by 1`)
  const versions: Record<string, string[]> = {}
  for (const { name } of tables) {
    const rows = await sql(`select format('%s at %s', xmin, ctid) as version from ${name} order by ctid`)
    versions[name as string] = rows.map((row) => row['version'] as string)
  }
  return versions
}

async function sql(text: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
  return (await cloud.running.store.pool.query(text, values)).rows
}

async function configure(subresource: string, document: { root: string; inside: string }): Promise<void> {
  const { root, inside } = document
  const query = { [subresource]: undefined }
  const answer = await callOss(cloud, {
    method: 'PUT',
    bucket: 'reconciled',
    query,
    body: `<${root}>${inside}</${root}>`,
  })
  expect(answer.status).toBe(200)
}

async function ossClient() {
  const { endpoint, regionId, accessKeyId, accessKeySecret } = cloud
  const client = createOssClient({ endpoint, regionId, accessKeyId, accessKeySecret, bucket: 'reconciled' })
  await client.putBucket('reconciled')
  return client
}

function call(action: string, parameters: Record<string, string> = {}) {
  return cloud.call('Ecs', action, parameters)
}

async function runInstances(Amount: string): Promise<string[]> {
  const { body } = await call('RunInstances', { ImageId: 'micro', InstanceType: 'ecs.t5-lc2m1.nano', Amount })
  return body.InstanceIdSets.InstanceIdSet
}
