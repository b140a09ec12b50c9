import { gunzipSync } from 'node:zlib'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const trail = (action: string, parameters: Record<string, string> = {}) =>
  cloud.call('Actiontrail', action, { RegionId: 'eu-central-1', ...parameters })

const oss = (bucket: string) =>
  createOssClient({ ...cloud, regionId: 'eu-central-1', endpoint: cloud.endpoint, bucket })

/** What lies in the bucket, by name. */
async function delivered(bucket: string): Promise<Map<string, Record<string, unknown>[]>> {
  const client = oss(bucket)
  const { objects } = await client.listV2({ 'max-keys': '1000' } as never, {})
  const found = new Map<string, Record<string, unknown>[]>()
  for (const { name } of objects ?? []) {
    found.set(name, JSON.parse(gunzipSync((await client.get(name)).content as Buffer).toString()))
  }
  return found
}

async function makeBucket(bucket: string): Promise<void> {
  await oss(bucket).putBucket(bucket)
}

/** Makes a trail that delivers write events of Frankfurt. */
async function startTrail(name: string, bucket: string): Promise<void> {
  await makeBucket(bucket)
  const made = await trail('CreateTrail', { Name: name, OssBucketName: bucket, TrailRegion: 'eu-central-1' })
  expect(made).toMatchObject({ status: 200, body: { Name: name, HomeRegion: 'eu-central-1', EventRW: 'Write' } })
  expect((await trail('StartLogging', { Name: name })).status).toBe(200)
}

test('a trail delivers what happened while it was logging, once each, and nothing of before and after', async () => {
  const before = await cloud.call('Vpc', 'CreateVpc', { RegionId: 'eu-central-1' })
  await startTrail('first-trail', 'trail-bucket')
  const during = await cloud.call('Vpc', 'CreateVpc', { RegionId: 'eu-central-1' })
  const elsewhere = await cloud.call('Vpc', 'CreateVpc', { RegionId: 'cn-hangzhou' })
  expect((await trail('StopLogging', { Name: 'first-trail' })).status).toBe(200)
  const after = await cloud.call('Vpc', 'CreateVpc', { RegionId: 'eu-central-1' })
  await cloud.running.reconcilers.passAll()
  await cloud.running.reconcilers.passAll()

  const files = await cloud.eventually('a delivery', async () => {
    const found = await delivered('trail-bucket')
    return found.size > 0 && found
  })
  const [name = ''] = files.keys()
  expect(name).toMatch(
    /^AliyunLogs\/Actiontrail\/eu-central-1\/\d{4}\/\d\d\/\d\d\/Actiontrail_eu-central-1_\d{14}_\d+_\d+\.gz$/,
  )
  const ids = [...files.values()].flat().map((event) => event['requestId'])
  expect(ids.filter((id) => id === during.body.RequestId)).toHaveLength(1)
  for (const other of [before, elsewhere, after]) expect(ids).not.toContain(other.body.RequestId)
  expect(new Set(ids).size).toBe(ids.length)
  expect((await trail('GetTrailStatus', { Name: 'first-trail' })).body).toMatchObject({
    IsLogging: false,
    LatestDeliveryError: '',
    LatestDeliveryTime: expect.stringMatching(/Z$/),
    OssBucketStatus: true,
  })
})

test('a delivery that the residency gate denies shows in the status and in the trail, and goes on when it may', async () => {
  await startTrail('second-trail', 'second-bucket')
  const policy = await cloud.call('Residency', 'SetResidencyPolicy', { 'AllowedPlace.1': 'ap-southeast-1' })
  expect(policy.status).toBe(200)
  const during = await cloud.call('Vpc', 'CreateVpc', { RegionId: 'eu-central-1' })
  expect([during.status, during.body.Code]).toEqual([403, 'Forbidden.Residency'])
  await cloud.eventually('the refusal', async () => {
    await cloud.running.reconcilers.passAll()
    const { body } = await trail('GetTrailStatus', { Name: 'second-trail' })
    return /may not be delivered/.test(body.LatestDeliveryError)
  })
  expect((await delivered('second-bucket')).size).toBe(0)
  const told = await cloud.eventually('the event', async () => {
    const { body } = await trail('LookupEvents', {
      'LookupAttribute.1.Key': 'EventName',
      'LookupAttribute.1.Value': 'Deliver',
    })
    return body.Events[0]
  })
  expect(told).toMatchObject({ errorCode: 'DeliveryFailed', userIdentity: { type: 'system' } })

  expect((await cloud.call('Residency', 'DeleteResidencyPolicy')).status).toBe(200)
  await cloud.eventually('the delivery', async () => {
    await cloud.running.reconcilers.passAll()
    const ids = [...(await delivered('second-bucket')).values()].flat().map((event) => event['requestId'])
    return ids.includes(during.body.RequestId)
  })
  expect((await trail('GetTrailStatus', { Name: 'second-trail' })).body.LatestDeliveryError).toBe('')
})

test('calls on objects are recorded while a logging trail asks for it, and are not otherwise', async () => {
  await startTrail('third-trail', 'third-bucket')
  const events = async (key: string) => {
    await cloud.running.reconcilers.passAll()
    const { rows } = await cloud.running.store.pool.query(
      `select body::jsonb ->> 'eventName' as name from actiontrail.entries
       where event_category = 'Data' and resource_names @> array[$1] order by index`,
      [`third-bucket/${key}`],
    )
    return rows.map((row) => row.name)
  }
  await oss('third-bucket').put('unseen', Buffer.from('x'))
  expect(await events('unseen')).toEqual([])
  const selectors = JSON.stringify([{ ServiceName: 'Oss' }])
  const put = await trail('PutDataEventSelector', { TrailName: 'third-trail', EventSelectors: selectors })
  expect(put.body.DataEventSelectors).toBe(selectors)
  await cloud.eventually('the option', async () =>
    cloud.running.services.actiontrail.audit.keepsDataEvents(cloud.accountId),
  )
  await oss('third-bucket').put('seen', Buffer.from('x'))
  await oss('third-bucket').get('seen')
  await cloud.eventually('both', async () => (await events('seen')).length === 2)
  expect(await events('seen')).toEqual(['PutObject', 'GetObject'])
  expect((await trail('DeleteDataEventSelector', { TrailName: 'third-trail' })).status).toBe(200)
  expect((await trail('DeleteTrail', { Name: 'third-trail' })).status).toBe(200)
})

test('a trail with a role asks for the right to pass it, and delivers what the role may write', async () => {
  const ram = async (action: string, parameters: Record<string, string>) => {
    const { status, body } = await cloud.call('Ram', action, parameters)
    expect([action, status]).toEqual([action, 200])
    return body
  }
  await makeBucket('role-trail-bucket')
  const trust = (service: string) => {
    const statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: [service] } }
    return JSON.stringify({ Version: '1', Statement: [statement] })
  }
  await ram('CreateRole', { RoleName: 'delivers', AssumeRolePolicyDocument: trust('ecs.aliyuncs.com') })
  await ram('CreateUser', { UserName: 'tracer' })
  const { AccessKey } = await ram('CreateAccessKey', { UserName: 'tracer' })
  const user = cloud.as({ accessKeyId: AccessKey.AccessKeyId, accessKeySecret: AccessKey.AccessKeySecret })
  const given = { PolicyType: 'System', PolicyName: 'AliyunActionTrailFullAccess', UserName: 'tracer' }
  await ram('AttachPolicyToUser', given)
  const OssWriteRoleArn = `acs:ram::${cloud.accountId}:role/delivers`
  const settings = { Name: 'role-trail', OssBucketName: 'role-trail-bucket', TrailRegion: 'eu-central-1' }
  const create = async (more: Record<string, string>) =>
    (await user.call('Actiontrail', 'CreateTrail', { RegionId: 'eu-central-1', ...settings, ...more })).body.Code
  expect(await create({ OssWriteRoleArn })).toBe('Forbidden.RAM')
  expect((await trail('CreateTrail', { ...settings, OssWriteRoleArn })).status).toBe(200)
  await trail('StartLogging', { Name: 'role-trail' })
  const vpc = await cloud.call('Vpc', 'CreateVpc', { RegionId: 'eu-central-1' })
  const problem = (what: RegExp) =>
    cloud.eventually(String(what), async () => {
      await cloud.running.reconcilers.passAll()
      return what.test((await trail('GetTrailStatus', { Name: 'role-trail' })).body.LatestDeliveryError)
    })
  await problem(/does not trust actiontrail/)
  const NewAssumeRolePolicyDocument = trust('actiontrail.aliyuncs.com')
  await ram('UpdateRole', { RoleName: 'delivers', NewAssumeRolePolicyDocument })
  await problem(/not authorized to do oss:PutObject/)
  expect((await delivered('role-trail-bucket')).size).toBe(0)
  await ram('AttachPolicyToRole', { PolicyType: 'System', PolicyName: 'AliyunOSSFullAccess', RoleName: 'delivers' })
  await problem(/^$/)
  const ids = [...(await delivered('role-trail-bucket')).values()].flat().map((event) => event['requestId'])
  expect(ids).toContain(vpc.body.RequestId)
  await trail('StopLogging', { Name: 'role-trail' })
})

test('wrong trails are refused, by name', async () => {
  await makeBucket('refusal-bucket')
  const code = async (action: string, parameters: Record<string, string>) => {
    const { status, body } = await trail(action, parameters)
    return `${status} ${body.Code}`
  }
  const good = { Name: 'good-trail', OssBucketName: 'refusal-bucket' }
  expect(await code('CreateTrail', { ...good, Name: 'Short' })).toBe('400 InvalidTrailNameException')
  expect(await code('CreateTrail', { ...good, OssBucketName: 'nobodys-bucket' })).toBe(
    '404 BucketDoesNotExistException',
  )
  expect(await code('CreateTrail', { ...good, OssKeyPrefix: '1abcdef' })).toBe('400 InvalidPrefixException')
  expect(await code('CreateTrail', { ...good, EventRW: 'Sideways' })).toBe('400 InvalidQueryParameter')
  expect(await code('CreateTrail', { ...good, TrailRegion: 'mars-north-1' })).toBe('404 InvalidRegionId.NotFound')
  expect(await code('CreateTrail', { ...good, SlsProjectArn: 'acs:log:x:y:project/z' })).toBe(
    '400 UnsupportedDestination',
  )
  expect(await code('StartLogging', { Name: 'no-such-trail' })).toBe('404 TrailNotFoundException')
  expect((await trail('CreateTrail', good)).status).toBe(200)
  expect(await code('CreateTrail', good)).toBe('400 TrailAlreadyExistsException')
  expect((await trail('DescribeTrails', { NameList: 'good-trail' })).body.TrailList).toMatchObject([
    { Name: 'good-trail', Status: 'Fresh', OssBucketLocation: 'oss-eu-central-1', TrailRegion: 'All' },
  ])
})
