import { ManualClock, systemClock } from '@pileus/kernel/clock'
import { callOss, type OssCall } from '@pileus/testkit/oss-signed-call'
import { sdkModel } from '@pileus/testkit/sdk-clients'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const model = (name: string, fields: object) => new (sdkModel('@alicloud/sts20150401', `${name}Request`))(fields)
const policy = (...statements: object[]) => JSON.stringify({ Version: '1', Statement: statements })
const allow = (Action: string | string[], Resource = '*') => ({ Effect: 'Allow', Action, Resource })

let cloud: TestCloud
let other: TestAccount
let alice: TestAccount
let roleArn: string

beforeAll(async () => {
  cloud = await startTestCloud()
  other = await cloud.newAccount()
  alice = await newUser(cloud, 'alice')
  const user = { UserName: 'alice', PolicyName: 'AliyunSTSAssumeRoleAccess', PolicyType: 'System' }
  await ram('AttachPolicyToUser', user)
  roleArn = await newRole('reader', { RAM: [`acs:ram::${cloud.accountId}:root`] }, 'AliyunRAMReadOnlyAccess')
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

async function ram(action: string, parameters: Record<string, string> = {}, account: TestAccount = cloud) {
  const { status, body } = await account.call('Ram', action, parameters)
  if (status !== 200) throw new Error(`${action}: ${status} ${body.Code}: ${body.Message}`)
  return body
}

async function newUser(account: TestAccount, UserName: string): Promise<TestAccount> {
  await ram('CreateUser', { UserName }, account)
  const { AccessKey } = await ram('CreateAccessKey', { UserName }, account)
  return cloud.as({ accessKeyId: AccessKey.AccessKeyId, accessKeySecret: AccessKey.AccessKeySecret })
}

/** The ARN of a new role that `principal` may assume. */
async function newRole(RoleName: string, principal: object, systemPolicy?: string, more = {}): Promise<string> {
  const trust = policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: principal, ...more })
  const { Role } = await ram('CreateRole', { RoleName, AssumeRolePolicyDocument: trust })
  if (systemPolicy) await ram('AttachPolicyToRole', { RoleName, PolicyName: systemPolicy, PolicyType: 'System' })
  return Role.Arn
}

/** `status code` of an AssumeRole, or the session's clients. */
async function assume(account: TestAccount, RoleArn: string, more: Record<string, string> = {}) {
  const parameters = { RoleArn, RoleSessionName: 'night-shift', ...more }
  const { status, body } = await account.call('Sts', 'AssumeRole', parameters)
  if (status !== 200) return { refused: `${status} ${body.Code}`, body }
  const { AccessKeyId, AccessKeySecret, SecurityToken } = body.Credentials
  const key = { accessKeyId: AccessKeyId, accessKeySecret: AccessKeySecret, securityToken: SecurityToken }
  return { session: cloud.as(key), key, body }
}

describe('GetCallerIdentity', () => {
  test('names the account, the user, or the role and its session', async () => {
    const { body: root } = await cloud.sts.getCallerIdentity()
    expect(root).toMatchObject({
      identityType: 'Account',
      accountId: cloud.accountId,
      arn: `acs:ram::${cloud.accountId}:root`,
      userId: cloud.accountId,
      principalId: cloud.accountId,
    })
    const { body: user } = await alice.sts.getCallerIdentity()
    expect(user).toMatchObject({ identityType: 'RAMUser', arn: `acs:ram::${cloud.accountId}:user/alice` })
    expect(user?.principalId).toBe(user?.userId)
    const { session } = await assume(alice, roleArn)
    const { body: role } = await session!.call('Sts', 'GetCallerIdentity')
    const { Role } = await ram('GetRole', { RoleName: 'reader' })
    expect(role).toMatchObject({
      IdentityType: 'AssumedRoleUser',
      Arn: `acs:ram::${cloud.accountId}:assumed-role/reader/night-shift`,
      RoleId: Role.RoleId,
      PrincipalId: `${Role.RoleId}:night-shift`,
      AccountId: cloud.accountId,
    })
  })
})

describe('AssumeRole', () => {
  test('opens a session with the permissions of the role, with the official SDK', async () => {
    const { body } = await alice.sts.assumeRole(
      model('AssumeRole', { roleArn, roleSessionName: 'sdk', durationSeconds: 900 }),
    )
    const credentials = body?.credentials
    expect(credentials?.accessKeyId).toMatch(/^STS\./)
    const seconds = (Date.parse(credentials?.expiration ?? '') - Date.now()) / 1_000
    expect(seconds).toBeGreaterThan(800)
    expect(seconds).toBeLessThanOrEqual(900)
    const session = cloud.as({
      accessKeyId: credentials?.accessKeyId ?? '',
      accessKeySecret: credentials?.accessKeySecret ?? '',
      securityToken: credentials?.securityToken ?? '',
    })
    expect((await session.call('Ram', 'ListUsers')).status).toBe(200)
    expect((await session.call('Ram', 'CreateUser', { UserName: 'x' })).status).toBe(403)
  })

  test('a refused session is named by role and session', async () => {
    const { session } = await assume(alice, roleArn)
    const { body } = await session!.call('Ram', 'CreateUser', { UserName: 'x' })
    expect(body.AccessDeniedDetail).toMatchObject({
      AuthPrincipalType: 'AssumedRoleUser',
      AuthPrincipalDisplayName: 'reader:night-shift',
      AuthPrincipalOwnerId: cloud.accountId,
    })
  })

  test('needs the token, unaltered and of the same key', async () => {
    const first = await assume(alice, roleArn)
    const second = await assume(alice, roleArn)
    const call = async (how: object) => (await first.session!.call('Sts', 'GetCallerIdentity', {}, how)).body.Code
    const token = first.key?.securityToken ?? ''
    const altered = `${token.slice(0, 40)}${token[40] === 'A' ? 'B' : 'A'}${token.slice(41)}`
    expect(await call({})).toBeUndefined()
    expect(await call({ securityToken: '' })).toBe('MissingSecurityToken')
    expect(await call({ securityToken: altered })).toBe('InvalidSecurityToken.Malformed')
    expect(await call({ securityToken: 'AAAA' })).toBe('InvalidSecurityToken.Malformed')
    expect(await call({ securityToken: second.key?.securityToken })).toBe('InvalidSecurityToken.MismatchWithAccessKey')
    expect(await call({ accessKeySecret: second.key?.accessKeySecret })).toBe('SignatureDoesNotMatch')
    const { body } = await alice.call('Sts', 'GetCallerIdentity', {}, { securityToken: token })
    expect(body.Code).toBe('InvalidSecurityToken.MismatchWithAccessKey')
  })

  test('the permissions of a session are those of its role now', async () => {
    const arn = await newRole(
      'fleeting',
      { RAM: [`acs:ram::${cloud.accountId}:user/alice`] },
      'AliyunRAMReadOnlyAccess',
    )
    const { session } = await assume(alice, arn)
    expect((await session!.call('Ram', 'ListUsers')).status).toBe(200)
    await ram('DetachPolicyFromRole', {
      RoleName: 'fleeting',
      PolicyName: 'AliyunRAMReadOnlyAccess',
      PolicyType: 'System',
    })
    expect((await session!.call('Ram', 'ListUsers')).status).toBe(403)
    await ram('DeleteRole', { RoleName: 'fleeting' })
    expect((await session!.call('Ram', 'ListUsers')).body.Code).toBe('InvalidSecurityToken.Expired')
  })

  test('a session policy narrows the role and never widens it', async () => {
    const limited = await assume(alice, roleArn, { Policy: policy(allow(['ram:ListGroups', 'ram:CreateUser'])) })
    const calls = async (action: string) => {
      const { status, body } = await limited.session!.call('Ram', action, { UserName: 'x' })
      return `${status} ${body.AccessDeniedDetail?.PolicyType ?? ''}`
    }
    expect(await calls('ListGroups')).toBe('200 ')
    expect(await calls('ListUsers')).toBe('403 SessionPolicy')
    expect(await calls('CreateUser')).toBe('403 AccountLevelIdentityBasedPolicy')
    expect((await assume(alice, roleArn, { Policy: '{' })).refused).toBe('400 InvalidParameter.PolicyGrammar')
    const long = 'x'.repeat(2_049)
    expect((await assume(alice, roleArn, { Policy: long })).refused).toBe('400 InvalidParameter.PolicySize')
  })

  test('needs both the permission of the caller and the trust of the role', async () => {
    const bob = await newUser(cloud, 'bob')
    expect((await assume(bob, roleArn)).refused).toBe('403 NoPermission')
    const aliceOnly = await newRole('alices', { RAM: [`acs:ram::${cloud.accountId}:user/alice`] })
    const toBob = { UserName: 'bob', PolicyName: 'AliyunSTSAssumeRoleAccess', PolicyType: 'System' }
    await ram('AttachPolicyToUser', toBob)
    expect((await assume(bob, roleArn)).refused).toBeUndefined()
    expect((await assume(bob, aliceOnly)).refused).toBe('403 NoPermission')
    expect((await assume(alice, aliceOnly)).refused).toBeUndefined()
    expect((await assume(cloud, roleArn)).refused).toBe('403 NoPermission')
  })

  test('may be allowed for one role only, and denied for one', async () => {
    const carol = await newUser(cloud, 'carol')
    const root = { RAM: [`acs:ram::${cloud.accountId}:root`] }
    const [open, closed] = [await newRole('open', root), await newRole('closed', root)]
    const attach = async (PolicyName: string, PolicyDocument: string) => {
      await ram('CreatePolicy', { PolicyName, PolicyDocument })
      await ram('AttachPolicyToUser', { UserName: 'carol', PolicyName, PolicyType: 'Custom' })
    }
    await attach('assume-open', policy(allow('sts:AssumeRole', `acs:ram:*:${cloud.accountId}:role/open`)))
    expect((await assume(carol, open)).refused).toBeUndefined()
    expect((await assume(carol, closed)).refused).toBe('403 NoPermission')
    await attach('assume-all', policy(allow('sts:*'), { ...allow('sts:AssumeRole', closed), Effect: 'Deny' }))
    expect((await assume(carol, roleArn)).refused).toBeUndefined()
    const { refused, body } = await assume(carol, closed)
    expect(refused).toBe('403 NoPermission')
    expect(body.AccessDeniedDetail.NoPermissionType).toBe('ExplicitDeny')
  })

  test('crosses accounts where trusted, and elsewhere does not tell whether the role exists', async () => {
    const eve = await newUser(other, 'eve')
    const toEve = { UserName: 'eve', PolicyName: 'AliyunSTSAssumeRoleAccess', PolicyType: 'System' }
    await ram('AttachPolicyToUser', toEve, other)
    const shared = await newRole('partner', { RAM: [`acs:ram::${other.accountId}:root`] }, 'AliyunRAMReadOnlyAccess')
    const { session } = await assume(eve, shared)
    const { body } = await session!.call('Sts', 'GetCallerIdentity')
    expect(body.AccountId).toBe(cloud.accountId)
    const closed = await assume(eve, roleArn)
    const absent = await assume(eve, roleArn.replace('reader', 'nobody'))
    expect(closed.refused).toBe('404 EntityNotExist.Role')
    expect(absent.refused).toBe('404 EntityNotExist.Role')
    expect(absent.body.Message.replace('nobody', 'reader')).toBe(closed.body.Message)
  })

  test('asks for the external id that the role demands', async () => {
    const demanding = { Condition: { StringEquals: { 'sts:ExternalId': 'ticket-7' } } }
    const arn = await newRole('guarded', { RAM: [`acs:ram::${cloud.accountId}:root`] }, undefined, demanding)
    expect((await assume(alice, arn)).refused).toBe('403 NoPermission')
    expect((await assume(alice, arn, { ExternalId: 'ticket-8' })).refused).toBe('403 NoPermission')
    expect((await assume(alice, arn, { ExternalId: 'ticket-7' })).refused).toBeUndefined()
  })

  test('checks names and durations', async () => {
    const refused = async (more: Record<string, string>) => (await assume(alice, roleArn, more)).refused
    expect(await refused({ RoleSessionName: 'x' })).toBe('400 InvalidParameter.RoleSessionName')
    expect(await refused({ RoleSessionName: 'a b' })).toBe('400 InvalidParameter.RoleSessionName')
    expect(await refused({ RoleArn: 'reader' })).toBe('400 InvalidParameter.RoleArn')
    expect(await refused({ DurationSeconds: '899' })).toBe('400 InvalidParameter.DurationSeconds')
    expect(await refused({ DurationSeconds: '3601' })).toBe('400 InvalidParameter.DurationSeconds')
    await ram('UpdateRole', { RoleName: 'reader', NewMaxSessionDuration: '7200' })
    expect(await refused({ DurationSeconds: '7200' })).toBeUndefined()
  })

  test('a session may open another, for an hour at most', async () => {
    const first = await newRole(
      'first',
      { RAM: [`acs:ram::${cloud.accountId}:user/alice`] },
      'AliyunSTSAssumeRoleAccess',
    )
    const second = await newRole('second', { RAM: [`acs:ram::${cloud.accountId}:role/first`] })
    await ram('UpdateRole', { RoleName: 'second', NewMaxSessionDuration: '7200' })
    const { session } = await assume(alice, first)
    expect((await assume(session!, second)).refused).toBeUndefined()
    expect((await assume(session!, second, { DurationSeconds: '7200' })).refused).toBe(
      '400 InvalidParameter.DurationSeconds',
    )
    expect((await assume(alice, second)).refused).toBe('403 NoPermission')
  })
})

test('sessions end with their role, also where a bucket or a key names the role, and a new role of the name', async () => {
  const trust = { RAM: [`acs:ram::${cloud.accountId}:root`] }
  const arn = await newRole('named', trust)
  const { key, session } = await assume(alice, arn)
  const keyId = (await cloud.call('Kms', 'CreateKey')).body.KeyMetadata.KeyId
  const Policy = policy(
    { Effect: 'Allow', Principal: { RAM: [`acs:ram::${cloud.accountId}:root`] }, Action: 'kms:*', Resource: '*' },
    { Effect: 'Allow', Principal: { RAM: [arn] }, Action: 'kms:Encrypt', Resource: '*' },
  )
  await cloud.call('Kms', 'SetKeyPolicy', { KeyId: keyId, PolicyName: 'default', Policy })
  const bucket = 'named-role'
  const oss = (one: OssCall, by: { accessKeyId: string; accessKeySecret: string }) =>
    callOss({ ...by, endpoint: cloud.endpoint }, { bucket, ...one })
  await oss({ method: 'PUT' }, cloud)
  await oss({ method: 'PUT', key: 'k', body: 'v' }, cloud)
  const Resource = [`acs:oss:*:${cloud.accountId}:${bucket}/*`]
  const Principal = [`arn:sts::${cloud.accountId}:assumed-role/named/*`]
  const body = policy({ Effect: 'Allow', Principal, Action: ['oss:GetObject'], Resource })
  await oss({ method: 'PUT', query: { policy: undefined }, body }, cloud)
  const headers = { 'x-oss-security-token': key?.securityToken ?? '' }
  const attempts = async () => [
    (await session?.call('Kms', 'Encrypt', { KeyId: keyId, Plaintext: 'djE=' }))?.body.Code,
    (await oss({ method: 'GET', key: 'k', headers }, key!)).code,
    (await session?.call('Sts', 'GetCallerIdentity'))?.body.Code,
  ]
  expect(await attempts()).toEqual([undefined, undefined, undefined])
  await ram('DeleteRole', { RoleName: 'named' })
  const ended = ['InvalidSecurityToken.Expired', 'SecurityTokenExpired', 'InvalidSecurityToken.Expired']
  expect(await attempts()).toEqual(ended)
  await newRole('named', trust)
  expect(await attempts()).toEqual(ended)
  const again = await assume(alice, arn)
  expect((await again.session?.call('Kms', 'Encrypt', { KeyId: keyId, Plaintext: 'djE=' }))?.status).toBe(200)
})

test('a session ends at its time', async () => {
  const clock = new ManualClock(systemClock.now())
  await using timed = await startTestCloud({ clock })
  const call = async (account: TestAccount, product: string, action: string, parameters = {}) => {
    const Timestamp = `${clock.now().toISOString().slice(0, 19)}Z`
    return (await account.call(product, action, parameters, { system: { Timestamp } })).body
  }
  const trust = policy({
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { RAM: [`acs:ram::${timed.accountId}:root`] },
  })
  await call(timed, 'Ram', 'CreateUser', { UserName: 'u' })
  const toUser = { UserName: 'u', PolicyName: 'AdministratorAccess', PolicyType: 'System' }
  await call(timed, 'Ram', 'AttachPolicyToUser', toUser)
  await call(timed, 'Ram', 'CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: trust })
  const { AccessKey } = await call(timed, 'Ram', 'CreateAccessKey', { UserName: 'u' })
  const user = timed.as({ accessKeyId: AccessKey.AccessKeyId, accessKeySecret: AccessKey.AccessKeySecret })
  const RoleArn = `acs:ram::${timed.accountId}:role/r`
  const { Credentials } = await call(user, 'Sts', 'AssumeRole', {
    RoleArn,
    RoleSessionName: 'short',
    DurationSeconds: '900',
  })
  const session = timed.as({
    accessKeyId: Credentials.AccessKeyId,
    accessKeySecret: Credentials.AccessKeySecret,
    securityToken: Credentials.SecurityToken,
  })
  clock.advance(895_000)
  expect((await call(session, 'Sts', 'GetCallerIdentity')).IdentityType).toBe('AssumedRoleUser')
  clock.advance(6_000)
  expect((await call(session, 'Sts', 'GetCallerIdentity')).Code).toBe('InvalidSecurityToken.Expired')
})
