/** What buckets do by themselves is done with the rights of somebody: of whoever asked for it, or of a role. */
import { callOss, type OssCall } from '@pileus/testkit/oss-signed-call'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const call = (one: OssCall, by: TestAccount = cloud) => callOss({ ...by, endpoint: cloud.endpoint }, one)

interface Statement {
  Action: string | string[]
  Resource: string | string[]
}

async function ram(action: string, parameters: Record<string, string>) {
  const { status, body } = await cloud.call('Ram', action, parameters)
  expect([status, body.Code]).toEqual([200, undefined])
  return body
}

/** Attaches a policy of its own to `to`, a `UserName` or `RoleName`. */
async function allow(to: Record<string, string>, ...statements: Statement[]): Promise<void> {
  policies += 1
  const policy = { PolicyName: `policy-${policies}`, PolicyType: 'Custom' }
  const Statement = statements.map((one) => ({ Effect: 'Allow', ...one }))
  const PolicyDocument = JSON.stringify({ Version: '1', Statement })
  await ram('CreatePolicy', { PolicyName: policy.PolicyName, PolicyDocument })
  await ram('RoleName' in to ? 'AttachPolicyToRole' : 'AttachPolicyToUser', { ...policy, ...to })
}
let policies = 0

async function newUser(UserName: string, ...statements: Statement[]): Promise<TestAccount> {
  await ram('CreateUser', { UserName })
  if (statements.length > 0) await allow({ UserName }, ...statements)
  const { AccessKey } = await ram('CreateAccessKey', { UserName })
  return cloud.as({ accessKeyId: AccessKey.AccessKeyId, accessKeySecret: AccessKey.AccessKeySecret })
}

async function newRole(RoleName: string, service = 'oss.aliyuncs.com'): Promise<void> {
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: [service] } }
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '1', Statement: [trust] })
  await ram('CreateRole', { RoleName, AssumeRolePolicyDocument })
}

const passing = (role: string) => ({ Action: 'ram:PassRole', Resource: `acs:ram:*:*:role/${role}` })
const arn = (path: string) => `acs:oss:*:*:${path}`

async function newBucket(bucket: string, region = 'cn-hangzhou'): Promise<void> {
  const body = `<CreateBucketConfiguration><LocationConstraint>oss-${region}</LocationConstraint></CreateBucketConfiguration>`
  expect((await call({ method: 'PUT', bucket, body })).status).toBe(200)
}

const targetOf = (bucket: string, region = 'cn-hangzhou') =>
  `<Destination><Bucket>${bucket}</Bucket><Location>oss-${region}</Location></Destination>`
const addRule = (bucket: string, inside: string, by?: TestAccount) =>
  call(
    {
      method: 'POST',
      bucket,
      query: { replication: undefined, comp: 'add' },
      body: `<ReplicationConfiguration><Rule>${inside}</Rule></ReplicationConfiguration>`,
    },
    by,
  )
const removeRule = (bucket: string, id: string) =>
  call({
    method: 'POST',
    bucket,
    query: { replication: undefined, comp: 'delete' },
    body: `<ReplicationRules><ID>${id}</ID></ReplicationRules>`,
  })
const progressOf = async (bucket: string, id: string) =>
  (await call({ method: 'GET', bucket, query: { replicationProgress: undefined, 'rule-id': id } })).text
const ruleOf = (answer: { headers: Record<string, string> }) => answer.headers['x-oss-replication-rule-id'] ?? ''

/** The replicator tries again at once what it failed at. */
async function retry(): Promise<void> {
  await cloud.running.store.pool.query('update oss.replication_queue set retry_at = null')
  await cloud.running.reconcilers.passAll()
}

test('a rule without a role asks whoever makes it for the rights to both buckets', async () => {
  for (const bucket of ['asks-from', 'asks-to']) await newBucket(bucket)
  const user = await newUser('replicating', { Action: 'oss:*', Resource: [arn('asks-from'), arn('asks-from/*')] })
  const prefix = '<PrefixSet><Prefix>a/</Prefix></PrefixSet>'
  const add = (action: string) =>
    addRule('asks-from', `${prefix}<Action>${action}</Action>${targetOf('asks-to')}`, user)
  const refused = await add('ALL')
  expect(refused).toMatchObject({ status: 403, code: 'AccessDenied' })
  expect(refused.text).toContain('oss:ReplicatePut on acs:oss:cn-hangzhou:')
  await allow({ UserName: 'replicating' }, { Action: 'oss:ReplicatePut', Resource: arn('asks-to/a/*') })
  expect((await add('ALL')).text).toContain('oss:ReplicateDelete')
  const added = await add('PUT')
  expect(added.status).toBe(200)
  await call({ method: 'PUT', bucket: 'asks-from', key: 'a/k', body: 'v' })
  await cloud.running.reconcilers.passAll()
  expect((await call({ method: 'GET', bucket: 'asks-to', key: 'a/k' })).text).toBe('v')
  await removeRule('asks-from', ruleOf(added))
})

test('a rule with a role asks for the right to pass it, and acts in its name', async () => {
  for (const bucket of ['role-from', 'role-to']) await newBucket(bucket)
  await newRole('copies', 'ecs.aliyuncs.com')
  const both = [arn('role-from'), arn('role-from/*'), arn('role-to/*')]
  const user = await newUser('appointing', { Action: 'oss:PutBucketReplication', Resource: both })
  const add = () => addRule('role-from', `<SyncRole>copies</SyncRole>${targetOf('role-to')}`, user)
  expect((await add()).text).toContain('oss:ReplicateGet')
  await allow({ UserName: 'appointing' }, { Action: 'oss:ReplicateGet', Resource: both })
  expect((await add()).text).toContain('ram:PassRole')
  await allow({ UserName: 'appointing' }, passing('copies'))
  const id = ruleOf(await add())

  const copy = async () => (await call({ method: 'GET', bucket: 'role-to', key: 'k' })).text
  await call({ method: 'PUT', bucket: 'role-from', key: 'k', body: 'first' })
  await cloud.running.reconcilers.passAll()
  expect(await progressOf('role-from', id)).toContain('does not trust oss.aliyuncs.com')
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['oss.aliyuncs.com'] } }
  const NewAssumeRolePolicyDocument = JSON.stringify({ Version: '1', Statement: [trust] })
  await ram('UpdateRole', { RoleName: 'copies', NewAssumeRolePolicyDocument })
  await retry()
  expect(await progressOf('role-from', id)).toContain('is not authorized to do oss:ReplicateGet')
  await allow({ RoleName: 'copies' }, { Action: 'oss:ReplicateGet', Resource: arn('role-from/*') })
  await retry()
  expect(await progressOf('role-from', id)).toContain('is not authorized to do oss:ReplicatePut')
  await allow({ RoleName: 'copies' }, { Action: 'oss:ReplicatePut', Resource: arn('role-to/*') })
  await retry()
  expect(await copy()).toBe('first')
  expect(await progressOf('role-from', id)).not.toContain('<Failed>')

  await call({ method: 'DELETE', bucket: 'role-from', key: 'k' })
  await cloud.running.reconcilers.passAll()
  expect(await copy()).toBe('first')
  expect(await progressOf('role-from', id)).toContain('is not authorized to do oss:ReplicateDelete')
  // The target's own policy may allow it as well, and what is taken away ends at once.
  const { Role } = await ram('GetRole', { RoleName: 'copies' })
  const statement = {
    Effect: 'Allow',
    Principal: [Role.RoleId],
    Action: ['oss:ReplicateDelete'],
    Resource: [`acs:oss:*:${cloud.accountId}:role-to/*`],
  }
  const body = JSON.stringify({ Version: '1', Statement: [statement] })
  expect((await call({ method: 'PUT', bucket: 'role-to', query: { policy: undefined }, body })).status).toBe(200)
  await retry()
  expect(await copy()).toContain('NoSuchKey')
  await removeRule('role-from', id)
})

test('nobody passes a role of another account', async () => {
  const stranger = await cloud.newAccount()
  for (const bucket of ['foreign-from', 'foreign-to']) {
    await newBucket(bucket)
    const statement = {
      Effect: 'Allow',
      Principal: [stranger.accountId],
      Action: ['oss:*'],
      Resource: [`acs:oss:*:${cloud.accountId}:${bucket}`, `acs:oss:*:${cloud.accountId}:${bucket}/*`],
    }
    const body = JSON.stringify({ Version: '1', Statement: [statement] })
    await call({ method: 'PUT', bucket, query: { policy: undefined }, body })
  }
  const refused = await addRule('foreign-from', `<SyncRole>copies</SyncRole>${targetOf('foreign-to')}`, stranger)
  expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('ram:PassRole')])
})

test("objects under customers' keys need a rule that covers them, and a role that may use the key there", async () => {
  const [from, to] = ['sealed-from', 'sealed-to']
  await newBucket(from)
  await newBucket(to, 'eu-central-1')
  const keyId = (await cloud.call('Kms', 'CreateKey', { RegionId: 'eu-central-1' })).body.KeyMetadata.KeyId
  const ownKey = (await cloud.call('Kms', 'CreateKey', { RegionId: 'cn-hangzhou' })).body.KeyMetadata.KeyId
  const target = targetOf(to, 'eu-central-1')
  const criteria =
    '<SourceSelectionCriteria><SseKmsEncryptedObjects><Status>Enabled</Status></SseKmsEncryptedObjects></SourceSelectionCriteria>'
  const put = (key: string, algorithm: string, more: Record<string, string> = {}) =>
    call({
      method: 'PUT',
      bucket: from,
      key,
      headers: { 'x-oss-server-side-encryption': algorithm, ...more },
      body: 'secret',
    })
  const get = (key: string) => call({ method: 'GET', bucket: to, key })
  await newRole('replicator')
  const role = '<SyncRole>replicator</SyncRole>'
  const encryption = `<EncryptionConfiguration><ReplicaKmsKeyID>${keyId}</ReplicaKmsKeyID></EncryptionConfiguration>`
  expect(await addRule(from, role + criteria + target)).toMatchObject({ status: 400, code: 'InvalidArgument' })
  const uncovering = ruleOf(await addRule(from, criteria + encryption + target))
  expect((await call({ method: 'GET', bucket: from, query: { replication: undefined } })).text).not.toContain(keyId)
  await put('by-key', 'KMS', { 'x-oss-server-side-encryption-key-id': ownKey })
  await put('by-service', 'AES256')
  await cloud.running.reconcilers.passAll()
  expect((await get('by-key')).status).toBe(404)
  expect(await progressOf(from, uncovering)).toMatch(/<Skipped><Count>[12]<.*<Reason>Objects under/)
  expect(await get('by-service')).toMatchObject({
    text: 'secret',
    headers: { 'x-oss-server-side-encryption': 'AES256' },
  })
  await removeRule(from, uncovering)

  const id = ruleOf(await addRule(from, role + criteria + encryption + target))
  await allow(
    { RoleName: 'replicator' },
    { Action: 'oss:Replicate*', Resource: [arn(`${from}/*`), arn(`${to}/*`)] },
    { Action: 'kms:Decrypt', Resource: `acs:kms:*:*:key/${ownKey}` },
  )
  await cloud.running.reconcilers.passAll()
  expect((await get('by-key')).status).toBe(404)
  expect(await progressOf(from, id)).toContain('kms:GenerateDataKey')
  await allow({ RoleName: 'replicator' }, { Action: 'kms:GenerateDataKey', Resource: `acs:kms:*:*:key/${keyId}` })
  await retry()
  expect(await get('by-key')).toMatchObject({
    text: 'secret',
    headers: { 'x-oss-server-side-encryption': 'KMS', 'x-oss-server-side-encryption-key-id': keyId },
  })
})

test('logs go only where whoever asks for them may write, and in the name of the role that is named', async () => {
  for (const bucket of ['logs-from', 'logs-to']) await newBucket(bucket)
  const user = await newUser('logging', { Action: 'oss:PutBucketLogging', Resource: arn('logs-from') })
  const put = (target: string, role = '') =>
    call(
      {
        method: 'PUT',
        bucket: 'logs-from',
        query: { logging: undefined },
        body:
          `<BucketLoggingStatus><LoggingEnabled><TargetBucket>${target}</TargetBucket>` +
          `<TargetPrefix>l/</TargetPrefix>${role}</LoggingEnabled></BucketLoggingStatus>`,
      },
      user,
    )
  expect((await put('logs-from')).status).toBe(200)
  expect(await put('logs-to')).toMatchObject({ status: 403, text: expect.stringContaining('oss:PutObject') })
  await allow({ UserName: 'logging' }, { Action: 'oss:PutObject', Resource: arn('logs-to/l/*') })
  expect((await put('logs-to')).status).toBe(200)
  const role = '<LoggingRole>logs</LoggingRole>'
  expect(await put('logs-to', role)).toMatchObject({ status: 403, text: expect.stringContaining('ram:PassRole') })
  await allow({ UserName: 'logging' }, passing('logs'))
  expect((await put('logs-to', role)).status).toBe(200)

  const { pool } = cloud.running.store
  await pool.query(
    `insert into oss.access_lines (bucket_id, hour, line)
     select bucket_id, date_trunc('hour', now()) - interval '3 hours', 'a line' from oss.buckets where name = 'logs-from'`,
  )
  const waiting = async () => (await pool.query(`select 1 from oss.access_lines where line = 'a line'`)).rows.length
  await cloud.running.reconcilers.passAll()
  expect(await waiting()).toBe(1)
  await newRole('logs')
  await cloud.running.reconcilers.passAll()
  expect(await waiting()).toBe(1)
  await allow({ RoleName: 'logs' }, { Action: 'oss:PutObject', Resource: arn('logs-to/l/*') })
  await cloud.running.reconcilers.passAll()
  expect(await waiting()).toBe(0)
  expect((await call({ method: 'GET', bucket: 'logs-to' })).text).toContain('<Key>l/logs-from')
})

test('an inventory asks for the right to pass its role, and tells the account when the role may not write', async () => {
  for (const bucket of ['listed-from', 'listed-to']) await newBucket(bucket)
  await newRole('lists')
  const user = await newUser('listing', { Action: 'oss:PutBucketInventory', Resource: arn('listed-from') })
  const put = (roleArn: string, id: string) =>
    call(
      {
        method: 'PUT',
        bucket: 'listed-from',
        query: { inventory: undefined, inventoryId: id },
        body:
          `<InventoryConfiguration><Id>${id}</Id><IsEnabled>true</IsEnabled><Destination><OSSBucketDestination>` +
          `<Format>CSV</Format><AccountId>${cloud.accountId}</AccountId><RoleArn>${roleArn}</RoleArn>` +
          '<Bucket>acs:oss:::listed-to</Bucket></OSSBucketDestination></Destination><Schedule>' +
          '<Frequency>Daily</Frequency></Schedule><IncludedObjectVersions>All</IncludedObjectVersions></InventoryConfiguration>',
      },
      user,
    )
  const role = `acs:ram::${cloud.accountId}:role/lists`
  expect(await put(role, 'i')).toMatchObject({ status: 403, text: expect.stringContaining('ram:PassRole') })
  await allow({ UserName: 'listing' }, passing('lists'))
  expect(await put('acs:ram::1:role/lists', 'i')).toMatchObject({ status: 403 })
  expect((await put(role, 'i')).status).toBe(200)
  const listed = async () => (await call({ method: 'GET', bucket: 'listed-to' })).text
  await cloud.running.reconcilers.passAll()
  expect(await listed()).not.toContain('<Key>')
  const event = await cloud.eventually('the failure is in the trail', async () => {
    const { body } = await cloud.call('Actiontrail', 'LookupEvents', {
      'LookupAttribute.1.Key': 'EventName',
      'LookupAttribute.1.Value': 'WriteInventory',
    })
    return body.Events?.[0]
  })
  expect(JSON.stringify(event)).toContain('The role lists is not authorized to do oss:PutObject')
  await allow({ RoleName: 'lists' }, { Action: 'oss:PutObject', Resource: arn('listed-to/*') })
  expect((await put(role, 'again')).status).toBe(200)
  await cloud.running.reconcilers.passAll()
  expect(await listed()).toContain('<Key>listed-from/again/')
})
