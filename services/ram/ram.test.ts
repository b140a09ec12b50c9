import { sdkModel } from '@pileus/testkit/sdk-clients'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const model = (name: string, fields: object) => new (sdkModel('@alicloud/ram20150501', `${name}Request`))(fields)
const allowing = (...actions: string[]) =>
  JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] })

let cloud: TestCloud
let other: TestAccount

beforeAll(async () => {
  cloud = await startTestCloud()
  other = await cloud.newAccount()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

/** The answer of a call to RAM, which must succeed. */
async function ram(action: string, parameters: Record<string, string> = {}, account: TestAccount = cloud) {
  const { status, body } = await account.call('Ram', action, parameters)
  if (status !== 200) throw new Error(`${action}: ${status} ${body.Code}: ${body.Message}`)
  return body
}

/** Status and code of a call to RAM, which must fail. */
async function refusal(action: string, parameters: Record<string, string> = {}, account: TestAccount = cloud) {
  const { status, body } = await account.call('Ram', action, parameters)
  expect(body.Message, action).not.toBe('')
  return `${status} ${body.Code}`
}

async function newKey(UserName: string): Promise<TestAccount> {
  const { AccessKey } = await ram('CreateAccessKey', { UserName })
  return cloud.as({ accessKeyId: AccessKey.AccessKeyId, accessKeySecret: AccessKey.AccessKeySecret })
}

describe('users', () => {
  test('a user is made, read, changed, listed and deleted with the official SDK', async () => {
    const { body: made } = await cloud.ram.createUser(
      model('CreateUser', { userName: 'ada', displayName: 'Ada', email: 'a@example.com', comments: 'first' }),
    )
    expect(made?.user).toMatchObject({ userName: 'ada', displayName: 'Ada', email: 'a@example.com', comments: 'first' })
    expect(made?.user?.userId).toMatch(/^\d{18}$/)
    expect(made?.user?.createDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    const { body: changed } = await cloud.ram.updateUser(
      model('UpdateUser', { userName: 'ada', newUserName: 'ada.l', newComments: 'second' }),
    )
    expect(changed?.user).toMatchObject({ userName: 'ada.l', comments: 'second', displayName: 'Ada' })
    const { body: read } = await cloud.ram.getUser(model('GetUser', { userName: 'ada.l' }))
    expect(read?.user).toMatchObject({ userId: made?.user?.userId, comments: 'second' })
    const { body: listed } = await cloud.ram.listUsers(model('ListUsers', {}))
    expect(listed?.users?.user?.map((user) => user.userName)).toContain('ada.l')
    expect(listed?.isTruncated).toBe(false)
    await cloud.ram.deleteUser(model('DeleteUser', { userName: 'ada.l' }))
    expect(await refusal('GetUser', { UserName: 'ada.l' })).toBe('404 EntityNotExist.User')
  })

  test('names are checked and unique in the account', async () => {
    expect(await refusal('CreateUser', {})).toBe('400 MissingParameter')
    expect(await refusal('CreateUser', { UserName: 'a b' })).toBe('400 InvalidParameter.UserName.InvalidChars')
    expect(await refusal('CreateUser', { UserName: 'x'.repeat(65) })).toBe('400 InvalidParameter.UserName.Length')
    await ram('CreateUser', { UserName: 'one' })
    await ram('CreateUser', { UserName: 'two' })
    expect(await refusal('CreateUser', { UserName: 'one' })).toBe('409 EntityAlreadyExists.User')
    expect(await refusal('UpdateUser', { UserName: 'two', NewUserName: 'one' })).toBe('409 EntityAlreadyExists.User')
    await ram('CreateUser', { UserName: 'one' }, other)
    await ram('DeleteUser', { UserName: 'one' }, other)
    expect((await ram('GetUser', { UserName: 'one' })).User.UserName).toBe('one')
  })

  test('lists page by marker without gaps or repeats', async () => {
    for (let n = 0; n < 5; n++) await ram('CreateUser', { UserName: `paged-${n}` }, other)
    const seen: string[] = []
    let Marker: string | undefined
    do {
      const page = await ram('ListUsers', { MaxItems: '2', ...(Marker ? { Marker } : {}) }, other)
      expect(page.Users.User.length).toBeLessThanOrEqual(2)
      expect(page.IsTruncated).toBe(page.Marker !== undefined)
      seen.push(...page.Users.User.map((user: { UserName: string }) => user.UserName))
      Marker = page.Marker
    } while (Marker)
    expect(seen).toEqual(['paged-0', 'paged-1', 'paged-2', 'paged-3', 'paged-4'])
    expect(await refusal('ListUsers', { Marker: 'nonsense' })).toBe('400 InvalidParameter')
    expect(await refusal('ListUsers', { MaxItems: '1001' })).toBe('400 InvalidParameter')
  })

  test('a user who has something left is not deleted', async () => {
    await ram('CreateUser', { UserName: 'bound' })
    await ram('CreateGroup', { GroupName: 'bound-group' })
    const { AccessKey } = await ram('CreateAccessKey', { UserName: 'bound' })
    await ram('AddUserToGroup', { UserName: 'bound', GroupName: 'bound-group' })
    await ram('AttachPolicyToUser', { UserName: 'bound', PolicyName: 'ReadOnlyAccess', PolicyType: 'System' })
    expect(await refusal('DeleteUser', { UserName: 'bound' })).toBe('409 DeleteConflict.User.AccessKey')
    await ram('DeleteAccessKey', { UserName: 'bound', UserAccessKeyId: AccessKey.AccessKeyId })
    expect(await refusal('DeleteUser', { UserName: 'bound' })).toBe('409 DeleteConflict.User.Group')
    expect(await refusal('DeleteGroup', { GroupName: 'bound-group' })).toBe('409 DeleteConflict.Group.User')
    await ram('RemoveUserFromGroup', { UserName: 'bound', GroupName: 'bound-group' })
    expect(await refusal('DeleteUser', { UserName: 'bound' })).toBe('409 DeleteConflict.User.Policy')
    await ram('DetachPolicyFromUser', { UserName: 'bound', PolicyName: 'ReadOnlyAccess', PolicyType: 'System' })
    await ram('DeleteUser', { UserName: 'bound' })
    await ram('DeleteGroup', { GroupName: 'bound-group' })
  })

  test('no user has an MFA device', async () => {
    await ram('CreateUser', { UserName: 'plain' })
    expect(await refusal('GetUserMFAInfo', { UserName: 'plain' })).toBe('404 EntityNotExist.User.MFADevice')
    expect(await refusal('UnbindMFADevice', { UserName: 'plain' })).toBe('404 EntityNotExist.User.MFADevice')
  })
})

describe('access keys', () => {
  test('a key works until the very answer that disables or deletes it', async () => {
    await ram('CreateUser', { UserName: 'keyed' })
    const key = await newKey('keyed')
    const whoAmI = async () => {
      const { status, body } = await key.call('Sts', 'GetCallerIdentity')
      return `${status} ${body.Code ?? body.IdentityType}`
    }
    const mine = { UserName: 'keyed', UserAccessKeyId: key.accessKeyId }
    for (let round = 0; round < 5; round++) {
      expect(await whoAmI()).toBe('200 RAMUser')
      await ram('UpdateAccessKey', { ...mine, Status: 'Inactive' })
      expect(await whoAmI()).toBe('400 InvalidAccessKeyId.Inactive')
      await ram('UpdateAccessKey', { ...mine, Status: 'Active' })
    }
    expect(await whoAmI()).toBe('200 RAMUser')
    const { AccessKeyLastUsed } = await ram('GetAccessKeyLastUsed', mine)
    expect(AccessKeyLastUsed.LastUsedDate).toMatch(/^\d{4}-.*Z$/)
    await ram('DeleteAccessKey', mine)
    expect(await whoAmI()).toBe('404 InvalidAccessKeyId.NotFound')
  })

  test('ids, secrets and limits are as the vendor has them; a secret is shown once', async () => {
    await ram('CreateUser', { UserName: 'two-keys' })
    const { AccessKey: first } = await ram('CreateAccessKey', { UserName: 'two-keys' })
    expect(first.AccessKeyId).toMatch(/^LTAI[A-Za-z0-9]{20}$/)
    expect(first.AccessKeySecret).toMatch(/^[A-Za-z0-9]{30}$/)
    const { AccessKey: second } = await ram('CreateAccessKey', { UserName: 'two-keys' })
    expect(await refusal('CreateAccessKey', { UserName: 'two-keys' })).toBe('409 LimitExceeded.User.AccessKey')
    const { AccessKeys } = await ram('ListAccessKeys', { UserName: 'two-keys' })
    expect(AccessKeys.AccessKey).toEqual([
      { AccessKeyId: first.AccessKeyId, Status: 'Active', CreateDate: first.CreateDate },
      { AccessKeyId: second.AccessKeyId, Status: 'Active', CreateDate: second.CreateDate },
    ])
  })

  test('without a name the keys are the caller’s own', async () => {
    const { AccessKeys } = await ram('ListAccessKeys')
    expect(AccessKeys.AccessKey.map((key: { AccessKeyId: string }) => key.AccessKeyId)).toContain(cloud.accessKeyId)
  })

  test('keys of others answer as if they did not exist', async () => {
    await ram('CreateUser', { UserName: 'holder' })
    const key = await newKey('holder')
    const named = { UserAccessKeyId: key.accessKeyId }
    const missing = '404 EntityNotExist.User.AccessKey'
    expect(await refusal('DeleteAccessKey', named)).toBe(missing)
    expect(await refusal('DeleteAccessKey', named, other)).toBe(missing)
    expect(await refusal('UpdateAccessKey', { ...named, Status: 'Inactive' }, other)).toBe(missing)
    expect(await refusal('UpdateAccessKey', { ...named, UserName: 'holder', Status: 'Off' })).toBe(
      '400 InvalidParameter.UserAccessKeyStatus',
    )
  })

  test('secrets are sealed in the database', async () => {
    const { rows } = await cloud.running.store.pool.query('select sealed_secret from ram.access_keys')
    expect(rows.length).toBeGreaterThan(0)
    for (const row of rows) expect(row.sealed_secret.toString('latin1')).not.toContain(cloud.accessKeySecret)
  })
})

describe('permissions', () => {
  test('follow attachments of the user and of groups at once', async () => {
    await ram('CreateUser', { UserName: 'worker' })
    await ram('CreateGroup', { GroupName: 'workers' })
    const worker = await newKey('worker')
    const listing = async () => (await worker.call('Ram', 'ListGroups')).status
    const toGroup = { GroupName: 'workers', PolicyName: 'AliyunRAMReadOnlyAccess', PolicyType: 'System' }
    const toUser = { UserName: 'worker', PolicyName: 'no-listing', PolicyType: 'Custom' }
    expect(await listing()).toBe(403)
    await ram('AttachPolicyToGroup', toGroup)
    expect(await listing()).toBe(403)
    await ram('AddUserToGroup', { UserName: 'worker', GroupName: 'workers' })
    expect(await listing()).toBe(200)
    await ram('CreatePolicy', {
      PolicyName: 'no-listing',
      PolicyDocument: allowing('ram:List*').replace('Allow', 'Deny'),
    })
    await ram('AttachPolicyToUser', toUser)
    expect(await listing()).toBe(403)
    await ram('CreatePolicyVersion', {
      PolicyName: 'no-listing',
      PolicyDocument: allowing('ecs:*'),
      SetAsDefault: 'true',
    })
    expect(await listing()).toBe(200)
    await ram('SetDefaultPolicyVersion', { PolicyName: 'no-listing', VersionId: 'v1' })
    expect(await listing()).toBe(403)
    await ram('DetachPolicyFromUser', toUser)
    expect(await listing()).toBe(200)
    await ram('RemoveUserFromGroup', { UserName: 'worker', GroupName: 'workers' })
    expect(await listing()).toBe(403)
  })

  test('a refusal says who was refused what, and why', async () => {
    await ram('CreateUser', { UserName: 'refused' })
    const { User } = await ram('GetUser', { UserName: 'refused' })
    const { status, body } = await (await newKey('refused')).call('Ram', 'CreateUser', { UserName: 'x' })
    expect(status).toBe(403)
    expect(body).toMatchObject({
      Code: 'NoPermission',
      AccessDeniedDetail: {
        AuthAction: 'ram:CreateUser',
        AuthPrincipalType: 'SubUser',
        AuthPrincipalOwnerId: cloud.accountId,
        AuthPrincipalDisplayName: User.UserId,
        NoPermissionType: 'ImplicitDeny',
        PolicyType: 'AccountLevelIdentityBasedPolicy',
      },
    })
  })

  test('may be given for one resource only', async () => {
    await ram('CreateUser', { UserName: 'narrow' })
    const document = {
      Version: '1',
      Statement: [{ Effect: 'Allow', Action: 'ram:GetUser', Resource: `acs:ram:*:${cloud.accountId}:user/narrow` }],
    }
    await ram('CreatePolicy', { PolicyName: 'see-self', PolicyDocument: JSON.stringify(document) })
    await ram('AttachPolicyToUser', { UserName: 'narrow', PolicyName: 'see-self', PolicyType: 'Custom' })
    const narrow = await newKey('narrow')
    expect((await narrow.call('Ram', 'GetUser', { UserName: 'narrow' })).status).toBe(200)
    expect((await narrow.call('Ram', 'GetUser', { UserName: 'one' })).status).toBe(403)
  })
})

describe('groups', () => {
  test('are made, changed, listed with their users, and deleted', async () => {
    await ram('CreateUser', { UserName: 'member', DisplayName: 'M' })
    const { Group } = await ram('CreateGroup', { GroupName: 'crew', Comments: 'c' })
    expect(Group).toMatchObject({ GroupName: 'crew', Comments: 'c', GroupId: expect.stringMatching(/^g-/) })
    const both = { UserName: 'member', GroupName: 'crew' }
    await ram('AddUserToGroup', both)
    expect(await refusal('AddUserToGroup', both)).toBe('409 EntityAlreadyExists.User.Group')
    const { Users } = await ram('ListUsersForGroup', { GroupName: 'crew' })
    expect(Users.User).toEqual([{ UserName: 'member', DisplayName: 'M', JoinDate: expect.any(String) }])
    const { Groups } = await ram('ListGroupsForUser', { UserName: 'member' })
    expect(Groups.Group).toMatchObject([{ GroupName: 'crew', GroupId: Group.GroupId }])
    const { Group: renamed } = await ram('UpdateGroup', { GroupName: 'crew', NewGroupName: 'team' })
    expect(renamed).toMatchObject({ GroupName: 'team', Comments: 'c', GroupId: Group.GroupId })
    await ram('RemoveUserFromGroup', { UserName: 'member', GroupName: 'team' })
    expect(await refusal('RemoveUserFromGroup', { UserName: 'member', GroupName: 'team' })).toBe(
      '404 EntityNotExist.User.Group',
    )
    await ram('DeleteGroup', { GroupName: 'team' })
    expect(await refusal('GetGroup', { GroupName: 'team' })).toBe('404 EntityNotExist.Group')
  })
})

describe('isolation, alias and tags', () => {
  test('names of another account answer as names that do not exist', async () => {
    await ram('CreateUser', { UserName: 'hidden' })
    await ram('CreateGroup', { GroupName: 'hidden' })
    await ram('CreatePolicy', { PolicyName: 'hidden', PolicyDocument: allowing('ecs:*') })
    const named = { UserName: 'hidden', GroupName: 'hidden', PolicyName: 'hidden', PolicyType: 'Custom' }
    for (const action of ['GetUser', 'GetGroup', 'GetPolicy', 'DeleteUser', 'DeleteGroup', 'DeletePolicy']) {
      const { status, body } = await other.call('Ram', action, named)
      const missing = await other.call('Ram', action, {
        UserName: 'nowhere',
        GroupName: 'nowhere',
        PolicyName: 'nowhere',
        PolicyType: 'Custom',
      })
      expect(status).toBe(404)
      expect([body.Code, body.Message]).toEqual([
        missing.body.Code,
        missing.body.Message.replaceAll('nowhere', 'hidden'),
      ])
    }
  })

  test('an alias is one account’s', async () => {
    expect(await refusal('GetAccountAlias')).toBe('404 EntityNotExist.Alias')
    await ram('SetAccountAlias', { AccountAlias: 'acme-1' })
    expect((await ram('GetAccountAlias')).AccountAlias).toBe('acme-1')
    expect(await refusal('SetAccountAlias', { AccountAlias: 'acme-1' }, other)).toBe('409 EntityAlreadyExists.Alias')
    expect(await refusal('SetAccountAlias', { AccountAlias: '-a--b' })).toBe(
      '400 InvalidParameter.AccountAlias.InvalidChars',
    )
    await ram('ClearAccountAlias')
    await ram('SetAccountAlias', { AccountAlias: 'acme-1' }, other)
  })

  test('policies carry tags', async () => {
    await ram('CreatePolicy', {
      PolicyName: 'tagged',
      PolicyDocument: allowing('ecs:*'),
      'Tag.1.Key': 'team',
      'Tag.1.Value': 'blue',
    })
    const what = { ResourceType: 'policy', 'ResourceNames.1': 'tagged' }
    await cloud.ram.tagResources(
      model('TagResources', { resourceType: 'policy', resourceNames: ['tagged'], tag: [{ key: 'env', value: 'dev' }] }),
    )
    const { body } = await cloud.ram.listTagResources(
      model('ListTagResources', { resourceType: 'policy', resourceNames: ['tagged'] }),
    )
    expect(body?.tagResources?.map(({ resourceName, tagKey, tagValue }) => [resourceName, tagKey, tagValue])).toEqual([
      ['tagged', 'env', 'dev'],
      ['tagged', 'team', 'blue'],
    ])
    const filter = { PolicyType: 'Custom', 'Tag.1.Key': 'team', 'Tag.1.Value': 'blue' }
    const { Policies } = await ram('ListPolicies', filter)
    expect(Policies.Policy.map((policy: { PolicyName: string }) => policy.PolicyName)).toEqual(['tagged'])
    await cloud.ram.untagResources(
      model('UntagResources', { resourceType: 'policy', resourceNames: ['tagged'], tagKeys: ['team'] }),
    )
    expect((await ram('ListPolicies', filter)).Policies.Policy).toEqual([])
    expect(await refusal('TagResources', { ...what, ResourceType: 'user' })).toBe('400 InvalidParameter.ResourceType')
  })
})

test('a login profile is made, read, changed and deleted, and keeps its user', async () => {
  await ram('CreateUser', { UserName: 'console' })
  const named = { UserName: 'console' }
  expect(await refusal('GetLoginProfile', named)).toBe('404 EntityNotExist.User.LoginProfile')
  expect(await refusal('CreateLoginProfile', { ...named, Password: 'short' })).toBe(
    '400 InvalidParameter.Password.Length',
  )
  await ram('CreateLoginProfile', { ...named, Password: 'Correct-horse1', PasswordResetRequired: 'true' })
  expect(await refusal('CreateLoginProfile', { ...named, Password: 'Correct-horse1' })).toBe(
    '409 EntityAlreadyExists.User.LoginProfile',
  )
  await ram('UpdateLoginProfile', { ...named, MFABindRequired: 'true' })
  const { LoginProfile } = await ram('GetLoginProfile', named)
  expect(LoginProfile).toMatchObject({ ...named, PasswordResetRequired: true, MFABindRequired: true })
  const { rows } = await cloud.running.store.pool.query('select password_hash from ram.login_profiles')
  expect(rows.map((row) => row.password_hash.startsWith('scrypt$'))).toEqual([true])
  expect(await refusal('DeleteUser', named)).toBe('409 DeleteConflict.User.LoginProfile')
  await ram('DeleteLoginProfile', named)
  await ram('DeleteUser', named)
})
