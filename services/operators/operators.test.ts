import { isoSeconds, ManualClock } from '@pileus/kernel/clock'
import { callOss } from '@pileus/testkit/oss-signed-call'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'

const clock = new ManualClock(new Date())
const japan = 'ap-northeast-1'
const home = 'cn-hangzhou'
let cloud: TestCloud
let tenant: TestAccount
/** Administrators by `<operator>/<name>`. */
const admins = new Map<string, TestAccount>()
const roots = new Map<string, TestAccount>()

beforeAll(async () => {
  cloud = await startTestCloud({ regions: [home, japan], clock })
  tenant = await cloud.newAccount()
  for (const operatorId of ['platform', 'japan']) {
    const root = cloud.as(await cloud.running.services.operators.enroll(operatorId))
    roots.set(operatorId, root)
    for (const name of ['asker', 'checker']) admins.set(`${operatorId}/${name}`, await hire(root, name))
  }
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

/** Signs at the time of the clock that the tests move. */
function call(account: TestAccount, action: string, parameters: Record<string, string> = {}) {
  return account.call('Operators', action, parameters, { system: { Timestamp: isoSeconds(clock.now()) } })
}

async function hire(root: TestAccount, name: string): Promise<TestAccount> {
  const document = { Version: '1', Statement: [{ Effect: 'Allow', Action: 'operators:*', Resource: '*' }] }
  await root.call('Ram', 'CreatePolicy', { PolicyName: `p-${name}`, PolicyDocument: JSON.stringify(document) })
  await root.call('Ram', 'CreateUser', { UserName: name })
  await root.call('Ram', 'AttachPolicyToUser', { PolicyType: 'Custom', PolicyName: `p-${name}`, UserName: name })
  const { body } = await root.call('Ram', 'CreateAccessKey', { UserName: name })
  const key = body['AccessKey'] as { AccessKeyId: string; AccessKeySecret: string }
  return cloud.as({ accessKeyId: key.AccessKeyId, accessKeySecret: key.AccessKeySecret })
}

const why = { Reason: 'ticket 4711: the instance does not answer', DurationMinutes: '30' }

async function ask(who: string, action: string, parameters: Record<string, string>) {
  const caller = admins.get(who)!
  const { status, body } = await call(caller, action, parameters)
  return status === 200 ? body : { status, code: body['Code'] }
}

async function request(who: string, regionId: string): Promise<string> {
  const answer = await ask(who, 'RequestEmergencyAccess', { AccountId: tenant.accountId, RegionId: regionId, ...why })
  expect(answer).toMatchObject({ EmergencyAccess: { Status: 'Requested', RequestedBy: who } })
  return (answer as { EmergencyAccess: { EmergencyAccessId: string } }).EmergencyAccess.EmergencyAccessId
}

async function open(who: string, id: string): Promise<TestAccount> {
  const answer = await ask(who, 'OpenEmergencySession', { EmergencyAccessId: id })
  const key = (answer as { Credentials: { AccessKeyId: string; AccessKeySecret: string; SecurityToken: string } })
    .Credentials
  return cloud.as({
    accessKeyId: key.AccessKeyId,
    accessKeySecret: key.AccessKeySecret,
    securityToken: key.SecurityToken,
  })
}

test('an operator is enrolled once, and only if there is such an operator', async () => {
  const { operators } = cloud.running.services
  await expect(operators.enroll('japan')).rejects.toThrow('is enrolled')
  await expect(operators.enroll('nobody')).rejects.toThrow('no operator "nobody"')
  expect((await operators.listEnrolled()).map(({ operatorId }) => operatorId)).toEqual(['japan', 'platform'])
})

test('everybody with the permission learns who runs a region, in which languages', async () => {
  const { body } = await call(tenant, 'DescribeOperators', { OperatorId: 'japan' })
  expect(body['Operators']).toMatchObject({
    Operator: [
      { Form: 'joint-venture', RegionIds: { RegionId: [japan] }, SupportLanguages: { SupportLanguage: ['ja', 'en'] } },
    ],
  })
  const { status, body: unknown } = await call(tenant, 'DescribeOperators', { OperatorId: 'x' })
  expect([status, unknown['Code']]).toEqual([404, 'EntityNotExist.Operator'])
})

test('operators read nothing of customers, and mint no keys for them', async () => {
  const { accountId } = tenant
  await tenant.call('Vpc', 'CreateVpc', { RegionId: japan, VpcName: 'secret' })
  for (const operator of ['platform', 'japan']) {
    const root = roots.get(operator)!
    const { body } = await root.call('Vpc', 'DescribeVpcs', { RegionId: japan })
    expect(body['TotalCount']).toBe(0)
    const assumed = await root.call('Sts', 'AssumeRole', {
      RoleArn: `acs:ram::${accountId}:role/OperatorEmergencyAccess`,
      RoleSessionName: 'x',
    })
    expect(assumed.status).toBeGreaterThanOrEqual(400)
  }
})

test('customers are not operators', async () => {
  const { status, body } = await call(tenant, 'CreateCustomer')
  expect([status, body['Code']]).toEqual([403, 'Forbidden.NotOperator'])
})

test('access needs two persons of whom the second is of the region’s own operator', async () => {
  const id = await request('platform/asker', japan)
  const approve = { EmergencyAccessId: id }
  expect(await ask('platform/asker', 'OpenEmergencySession', approve)).toMatchObject({
    code: 'IncorrectStatus.EmergencyAccess',
  })
  expect(await ask('platform/checker', 'ApproveEmergencyAccess', approve)).toMatchObject({
    code: 'Forbidden.OtherOperator',
  })
  expect(await ask('japan/checker', 'ApproveEmergencyAccess', approve)).toMatchObject({
    EmergencyAccess: { Status: 'Approved', DecidedBy: 'japan/checker' },
  })
  expect(await ask('japan/checker', 'OpenEmergencySession', approve)).toMatchObject({ code: 'Forbidden.NotRequester' })

  const own = await request('japan/asker', japan)
  expect(await ask('japan/asker', 'ApproveEmergencyAccess', { EmergencyAccessId: own })).toMatchObject({
    code: 'Forbidden.SamePerson',
  })
  expect(await ask('japan/checker', 'RejectEmergencyAccess', { EmergencyAccessId: own })).toMatchObject({
    EmergencyAccess: { Status: 'Rejected' },
  })
  const foreign = { AccountId: tenant.accountId, RegionId: home, ...why }
  expect(await ask('japan/asker', 'RequestEmergencyAccess', foreign)).toMatchObject({ code: 'Forbidden.OtherOperator' })
  const { body } = await roots
    .get('japan')!
    .call('Operators', 'RequestEmergencyAccess', { ...foreign, RegionId: japan })
  expect(body['Code']).toBe('Forbidden.NoPerson')
})

test('who asked stays one person under another name, and a name that passes on opens nothing', async () => {
  const root = roots.get('japan')!
  const rename = async (UserName: string, NewUserName: string) =>
    expect((await root.call('Ram', 'UpdateUser', { UserName, NewUserName })).status).toBe(200)
  const id = await request('japan/asker', japan)
  await rename('asker', 'renamed')
  await rename('checker', 'asker')
  try {
    const { body } = await admins.get('japan/asker')!.call('Sts', 'GetCallerIdentity')
    expect(body['Arn']).toMatch(/user\/renamed$/)
    const asked = { EmergencyAccessId: id }
    expect(await ask('japan/asker', 'ApproveEmergencyAccess', asked)).toMatchObject({ code: 'Forbidden.SamePerson' })
    await rename('asker', 'checker')
    await ask('japan/checker', 'ApproveEmergencyAccess', asked)
    await rename('checker', 'asker')
    expect(await ask('japan/checker', 'OpenEmergencySession', asked)).toMatchObject({ code: 'Forbidden.NotRequester' })
    const session = await open('japan/asker', id)
    const { body: commands } = await session.call('Ecs', 'DescribeCommands', { RegionId: japan })
    expect(commands['Code']).toBe('Forbidden.RAM')
  } finally {
    await rename('asker', 'checker')
    await rename('renamed', 'asker')
  }
})

test('an open access reads no data, takes no identity and changes no rule', async () => {
  const RegionId = japan
  const { accountId } = tenant
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { RAM: [`acs:ram::${accountId}:root`] } }
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '1', Statement: [trust] })
  await tenant.call('Ram', 'CreateRole', { RoleName: 'any', AssumeRolePolicyDocument })
  const { body: made } = await tenant.call('Kms', 'CreateKey', { RegionId })
  const { KeyId } = made['KeyMetadata'] as { KeyId: string }
  const { body: sealed } = await tenant.call('Kms', 'Encrypt', { RegionId, KeyId, Plaintext: 'eA==' })
  await tenant.call('Kms', 'CreateSecret', { RegionId, SecretName: 's', SecretData: 'v', VersionId: '1' })
  const bucket = 'closed-to-operators'
  const host = `${bucket}.oss-${japan}.aliyuncs.com`
  const own = { ...tenant, endpoint: cloud.endpoint }
  expect((await callOss(own, { method: 'PUT', bucket, host })).status).toBe(200)
  expect((await callOss(own, { method: 'PUT', bucket, key: 'k', host, body: 'v' })).status).toBe(200)

  const id = await request('japan/asker', japan)
  await ask('japan/checker', 'ApproveEmergencyAccess', { EmergencyAccessId: id })
  const opened = await ask('japan/asker', 'OpenEmergencySession', { EmergencyAccessId: id })
  const key = (opened as { Credentials: Record<'AccessKeyId' | 'AccessKeySecret' | 'SecurityToken', string> })
    .Credentials
  const credentials = { accessKeyId: key.AccessKeyId, accessKeySecret: key.AccessKeySecret }
  const session = cloud.as({ ...credentials, securityToken: key.SecurityToken })
  expect((await session.call('Kms', 'DescribeKey', { RegionId, KeyId })).status).toBe(200)
  const refused: [string, string, Record<string, string>][] = [
    ['Sts', 'AssumeRole', { RoleArn: `acs:ram::${accountId}:role/any`, RoleSessionName: 'xx' }],
    ['Ram', 'CreateAccessKey', {}],
    ['Ims', 'CreateUser', { UserPrincipalName: `x@${accountId}.onaliyun.com`, DisplayName: 'x' }],
    ['Kms', 'Decrypt', { CiphertextBlob: String(sealed['CiphertextBlob']) }],
    ['Kms', 'GenerateDataKey', { KeyId }],
    ['Kms', 'GetSecretValue', { SecretName: 's' }],
    ['Kms', 'SetKeyPolicy', { KeyId, PolicyName: 'default', Policy: '{}' }],
    ['Ecs', 'RunCommand', { 'InstanceId.1': 'i-1', Type: 'RunShellScript', CommandContent: 'id' }],
    ['Ecs', 'DescribeUserData', { InstanceId: 'i-1' }],
    ['Residency', 'SetResidencyPolicy', { 'AllowedPlace.1': 'US' }],
    ['Residency', 'UntagDataClasses', { 'DataClass.1': 'personal' }],
    ['Actiontrail', 'StopLogging', { Name: 'some-trail' }],
    ['Operators', 'ApproveEmergencyAccess', { EmergencyAccessId: id }],
  ]
  for (const [product, action, parameters] of refused) {
    const { status, body } = await session.call(product, action, { RegionId, ...parameters })
    expect([action, status, body['Code']]).toEqual([
      action,
      403,
      expect.stringMatching(/^(NoPermission|Forbidden.RAM)$/),
    ])
  }
  const headers = { 'x-oss-security-token': key.SecurityToken }
  const touch = (one: Omit<Parameters<typeof callOss>[1], 'bucket' | 'host'>) =>
    callOss(
      { ...credentials, endpoint: cloud.endpoint },
      { bucket, host, ...one, headers: { ...headers, ...one.headers } },
    )
  expect((await touch({ method: 'GET', query: { acl: undefined } })).status).toBe(200)
  const copy = { 'x-oss-copy-source': `/${bucket}/k` }
  for (const one of [
    { method: 'GET', key: 'k' },
    { method: 'HEAD', key: 'k' },
    { method: 'GET', key: 'k', query: { 'x-oss-process': 'image/info' } },
    { method: 'PUT', key: 'j', headers: copy },
    { method: 'PUT', key: 'k', body: 'w' },
    { method: 'DELETE', key: 'k' },
    { method: 'PUT', query: { acl: undefined }, headers: { 'x-oss-acl': 'public-read' } },
    { method: 'PUT', query: { policy: undefined }, body: '{}' },
  ] as const) {
    expect([one, (await touch(one)).status]).toEqual([one, 403])
  }
})

test('an open access reads in its region, until it ends or the customer ends it', async () => {
  const id = await request('japan/asker', japan)
  await ask('japan/checker', 'ApproveEmergencyAccess', { EmergencyAccessId: id })
  const session = await open('japan/asker', id)
  const codeOf = async (product: string, action: string, parameters: Record<string, string>) => {
    const { status, body } = await session.call(product, action, parameters)
    return status === 200 ? 'ok' : body['Code']
  }
  expect(await codeOf('Vpc', 'DescribeVpcs', { RegionId: japan })).toBe('ok')
  expect(await codeOf('Vpc', 'DescribeVpcs', { RegionId: home })).toBe('Forbidden.RAM')
  expect(await codeOf('Vpc', 'CreateVpc', { RegionId: japan })).toBe('Forbidden.RAM')
  expect(await codeOf('Ram', 'ListUsers', {})).toBe('NoPermission')
  const seen = await call(tenant, 'ListEmergencyAccesses', { Status: 'Approved' })
  expect(seen.body['EmergencyAccesses']).toMatchObject({
    EmergencyAccess: expect.arrayContaining([
      expect.objectContaining({
        EmergencyAccessId: id,
        Reason: why.Reason,
        RequestedBy: 'japan/asker',
        DecidedBy: 'japan/checker',
      }),
    ]),
  })
  const ended = await call(tenant, 'RevokeEmergencyAccess', { EmergencyAccessId: id })
  expect(ended.body).toMatchObject({ EmergencyAccess: { Status: 'Revoked', EndedBy: `customer ${tenant.accountId}` } })
  expect(await codeOf('Vpc', 'DescribeVpcs', { RegionId: japan })).toBe('Forbidden.RAM')

  const second = await request('japan/asker', japan)
  await ask('japan/checker', 'ApproveEmergencyAccess', { EmergencyAccessId: second })
  const short = await open('japan/asker', second)
  clock.advance(31 * 60_000)
  const system = { Timestamp: isoSeconds(clock.now()) }
  const late = await short.call('Vpc', 'DescribeVpcs', { RegionId: japan }, { system })
  expect(late.body['Code']).toBe('InvalidSecurityToken.Expired')
  expect(await ask('japan/asker', 'OpenEmergencySession', { EmergencyAccessId: second })).toMatchObject({
    code: 'IncorrectStatus.EmergencyAccess',
  })
})

test('each step, and each call of the session, is in the customer’s own trail', async () => {
  const id = await request('platform/asker', japan)
  await ask('japan/checker', 'ApproveEmergencyAccess', { EmergencyAccessId: id })
  const session = await open('platform/asker', id)
  const system = { Timestamp: isoSeconds(clock.now()) }
  await session.call('Vpc', 'DescribeVSwitches', { RegionId: japan }, { system })
  const steps = ['RequestEmergencyAccess', 'ApproveEmergencyAccess', 'OpenEmergencyAccess', 'DescribeVSwitches']
  const seen = async (account: TestAccount): Promise<string[]> => {
    const { body } = await account.call(
      'Actiontrail',
      'LookupEvents',
      { RegionId: japan, MaxResults: '50' },
      { system },
    )
    const events = body['Events'] as { eventName: string; additionalEventData?: object }[]
    return events.map(({ eventName }) => eventName)
  }
  await cloud.eventually('the trail to tell', async () => {
    const names = await seen(tenant)
    return steps.every((step) => names.includes(step))
  })
  const others = await seen(await cloud.newAccount())
  expect(others.filter((name) => name.includes('Emergency'))).toEqual([])
})

test('another customer sees nothing of it, and cannot end it', async () => {
  const id = await request('japan/asker', japan)
  const other = await cloud.newAccount()
  const list = await call(other, 'ListEmergencyAccesses')
  expect(list.body['EmergencyAccesses']).toEqual({ EmergencyAccess: [] })
  const { status, body } = await call(other, 'RevokeEmergencyAccess', { EmergencyAccessId: id })
  expect([status, body['Code']]).toEqual([404, 'EntityNotExist.EmergencyAccess'])
})

test('requests say why and for how long', async () => {
  const asked = { AccountId: tenant.accountId, RegionId: japan, ...why }
  for (const wrong of [{ Reason: 'because' }, { DurationMinutes: '0' }, { DurationMinutes: '241' }]) {
    expect(await ask('japan/asker', 'RequestEmergencyAccess', { ...asked, ...wrong })).toEqual({
      status: 400,
      code: 'InvalidParameter',
    })
  }
  const nobody = await ask('japan/asker', 'RequestEmergencyAccess', { ...asked, AccountId: '1000000000000000' })
  expect(nobody).toEqual({ status: 404, code: 'EntityNotExist.Account' })
})

test('an operator opens accounts, verifies them, and files websites for its own customers alone', async () => {
  const made = (await ask('japan/asker', 'CreateCustomer', { IdentityReference: 'case 1' })) as {
    AccountId: string
    AccessKeyId: string
    AccessKeySecret: string
  }
  const customer = cloud.as({ accessKeyId: made.AccessKeyId, accessKeySecret: made.AccessKeySecret })
  const status = async () => (await call(customer, 'GetIdentityStatus')).body['Customer']
  expect(await status()).toMatchObject({ AccountId: made.AccountId, OperatorId: 'japan', IdentityStatus: 'Unverified' })
  const verify = { AccountId: made.AccountId, IdentityStatus: 'Verified' }
  expect(await ask('platform/asker', 'SetCustomerIdentity', verify)).toMatchObject({ code: 'EntityNotExist.Account' })
  expect(await ask('japan/asker', 'SetCustomerIdentity', { ...verify, IdentityStatus: 'Maybe' })).toMatchObject({
    code: 'InvalidParameter',
  })
  expect(await ask('japan/asker', 'SetCustomerIdentity', verify)).toHaveProperty('RequestId')
  expect(await status()).toMatchObject({ IdentityStatus: 'Verified', IdentityReference: 'case 1' })
  expect((await call(cloud, 'GetIdentityStatus')).body['Customer']).toMatchObject({
    IdentityStatus: 'NotRequired',
  })

  const filing = { AccountId: made.AccountId, Domain: 'Shop.Example.JP', Jurisdiction: 'JP', FilingNumber: '1' }
  expect(await ask('platform/asker', 'RegisterWebsiteFiling', { ...filing, Jurisdiction: 'CN' })).toMatchObject({
    code: 'EntityNotExist.Account',
  })
  expect(await ask('japan/asker', 'RegisterWebsiteFiling', { ...filing, Jurisdiction: 'CN' })).toMatchObject({
    code: 'InvalidParameter',
  })
  expect(await ask('japan/asker', 'RegisterWebsiteFiling', { ...filing, Domain: 'no domain' })).toMatchObject({
    code: 'InvalidParameter',
  })
  expect(await ask('japan/asker', 'RegisterWebsiteFiling', filing)).toHaveProperty('RequestId')
  expect(await ask('japan/asker', 'RegisterWebsiteFiling', filing)).toMatchObject({ code: 'EntityAlreadyExist.Filing' })
  const { port } = cloud.running.services.operators
  expect(await port.mayServe(made.AccountId as never, 'www.shop.example.jp', 'JP')).toBe(true)
  expect(await port.mayServe(made.AccountId as never, 'example.jp', 'JP')).toBe(false)
  // Nobody's customer.
  expect(await port.mayServe(tenant.accountId as never, 'shop.example.jp', 'JP')).toBe(true)
  expect(await ask('japan/asker', 'ListWebsiteFilings', {})).toMatchObject({
    Filings: { Filing: [{ Domain: 'shop.example.jp' }] },
  })
  expect(await ask('platform/asker', 'ListWebsiteFilings', {})).toMatchObject({ Filings: { Filing: [] } })
  expect(await ask('japan/asker', 'RemoveWebsiteFiling', filing)).toHaveProperty('RequestId')
  expect(await ask('japan/asker', 'RemoveWebsiteFiling', filing)).toMatchObject({ code: 'EntityNotExist.Filing' })

  await ask('japan/asker', 'CreateCustomer', {})
  const first = (await ask('japan/asker', 'ListCustomers', { MaxResults: '1' })) as {
    NextToken: string
    Customers: { Customer: object[] }
  }
  expect(first.Customers.Customer).toHaveLength(1)
  const rest = await ask('japan/asker', 'ListCustomers', { MaxResults: '1', NextToken: first.NextToken })
  expect(rest).toMatchObject({ Customers: { Customer: [{ OperatorId: 'japan' }] } })
  expect(rest).not.toHaveProperty('NextToken')
})

test('who has not shown who they are is kept out where the law asks for it, and told so in their language', async () => {
  const made = (await ask('japan/asker', 'CreateCustomer', {})) as {
    AccountId: string
    AccessKeyId: string
    AccessKeySecret: string
  }
  const customer = cloud.as({ accessKeyId: made.AccessKeyId, accessKeySecret: made.AccessKeySecret })
  const system = { Timestamp: isoSeconds(clock.now()) }
  const create = (RegionId: string) => customer.call('Vpc', 'CreateVpc', { RegionId }, { system })
  expect((await create(japan)).status).toBe(200)
  const refused = await create(home)
  expect(refused).toMatchObject({ status: 403, body: { Code: 'RealNameAuthenticationError' } })
  expect(refused.body['Message']).toContain('CN-CSL-24')
  await ask('japan/asker', 'SetCustomerIdentity', { AccountId: made.AccountId, IdentityStatus: 'Verified' })
  await cloud.eventually('the region to open', async () => (await create(home)).status === 200)
})

test('a website is served from China once it is filed there', async () => {
  const made = (await ask('platform/asker', 'CreateCustomer', {})) as {
    AccountId: string
    AccessKeyId: string
    AccessKeySecret: string
  }
  const { AccountId } = made
  await ask('platform/asker', 'SetCustomerIdentity', { AccountId, IdentityStatus: 'Verified' })
  const { AccessKeyId: accessKeyId, AccessKeySecret: accessKeySecret } = made
  const bucket = 'filed-website'
  const send = (method: 'PUT' | 'POST', query: Record<string, string | undefined>, body = '') =>
    callOss(
      { endpoint: cloud.endpoint, accessKeyId, accessKeySecret, now: clock.now() },
      { method, bucket, query, body },
    )
  const bind = () =>
    send(
      'POST',
      { cname: undefined, comp: 'add' },
      '<BucketCnameConfiguration><Cname><Domain>www.example.cn</Domain></Cname></BucketCnameConfiguration>',
    )
  await cloud.eventually('the region to open', async () => (await send('PUT', {})).status === 200)
  const refused = await bind()
  expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('DomainNotFiled')])
  expect(refused.text).toContain('CN-ICP')
  const filing = { AccountId, Domain: 'example.cn', Jurisdiction: 'CN', FilingNumber: '1' }
  expect(await ask('platform/asker', 'RegisterWebsiteFiling', filing)).toHaveProperty('RequestId')
  expect((await bind()).status).toBe(200)
})
