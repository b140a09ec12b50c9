import { codeAt } from '@pileus/ram/domain/one-time-codes'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'

let cloud: TestCloud
let principal: string

beforeAll(async () => {
  cloud = await startTestCloud()
  principal = `alice@${cloud.accountId}.onaliyun.com`
  await ims('CreateUser', { UserPrincipalName: principal, DisplayName: 'Alice', Email: 'alice@example.com' })
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

async function call(product: string, action: string, parameters: Record<string, string>, account: TestAccount = cloud) {
  const { status, body } = await account.call(product, action, parameters)
  if (status !== 200) throw new Error(`${action}: ${status} ${body.Code}: ${body.Message}`)
  return body
}
const ims = async (action: string, parameters: Record<string, string> = {}) => await call('Ims', action, parameters)
const refused = async (action: string, parameters: Record<string, string>) => {
  const { status, body } = await cloud.call('Ims', action, parameters)
  return `${status} ${body.Code}`
}
const alice = () => ({ UserPrincipalName: principal })

test('users are those of RAM, by another name', async () => {
  const { User } = await ims('GetUser', alice())
  expect(User).toMatchObject({ UserPrincipalName: principal, DisplayName: 'Alice', Email: 'alice@example.com' })
  expect((await call('Ram', 'GetUser', { UserName: 'alice' })).User.UserId).toBe(User.UserId)
  expect((await ims('GetUser', { UserId: User.UserId })).User.UserPrincipalName).toBe(principal)
  const { AccessKey } = await ims('CreateAccessKey', alice())
  expect((await ims('GetUser', { UserAccessKeyId: AccessKey.AccessKeyId })).User.UserId).toBe(User.UserId)
  await ims('UpdateAccessKey', { ...alice(), UserAccessKeyId: AccessKey.AccessKeyId, Status: 'Inactive' })
  const { AccessKeys } = await ims('ListAccessKeys', alice())
  expect(AccessKeys.AccessKey).toMatchObject([{ AccessKeyId: AccessKey.AccessKeyId, Status: 'Inactive' }])
  await ims('DeleteAccessKey', { ...alice(), UserAccessKeyId: AccessKey.AccessKeyId })
  await ims('UpdateUser', { ...alice(), NewDisplayName: 'Alice A.' })
  const { Users } = await ims('ListUsers')
  expect(Users.User).toMatchObject([{ UserPrincipalName: principal, DisplayName: 'Alice A.' }])
})

test('names are of the domain of the account or of its alias', async () => {
  expect(await refused('GetUser', { UserPrincipalName: 'alice' })).toBe('400 InvalidParameter.UserPrincipalName')
  expect(await refused('GetUser', { UserPrincipalName: 'alice@other.example' })).toBe(
    '400 InvalidParameter.UserPrincipalName',
  )
  expect(await refused('GetUser', { UserPrincipalName: principal.replace('alice', 'bob') })).toBe(
    '404 EntityNotExist.User',
  )
  await call('Ram', 'SetAccountAlias', { AccountAlias: 'nimbus' })
  expect((await ims('GetDefaultDomain')).DefaultDomainName).toBe('nimbus.onaliyun.com')
  expect((await ims('GetUser', alice())).User.UserPrincipalName).toBe('alice@nimbus.onaliyun.com')
  expect((await ims('GetUser', { UserPrincipalName: 'alice@nimbus.onaliyun.com' })).User.UserName).toBe('alice')
  await call('Ram', 'ClearAccountAlias', {})
})

test('groups and login profiles', async () => {
  await ims('CreateGroup', { GroupName: 'crew', Comments: 'c' })
  await ims('AddUserToGroup', { ...alice(), GroupName: 'crew' })
  expect((await ims('ListGroupsForUser', alice())).Groups.Group).toMatchObject([{ GroupName: 'crew' }])
  expect((await ims('ListUsersForGroup', { GroupName: 'crew' })).Users.User).toMatchObject([alice()])
  expect(await refused('DeleteGroup', { GroupName: 'crew' })).toBe('409 DeleteConflict.Group.User')
  await ims('RemoveUserFromGroup', { ...alice(), GroupName: 'crew' })
  await ims('DeleteGroup', { GroupName: 'crew' })
  const profile = { ...alice(), Password: 'Correct-Horse-9', MFABindRequired: 'true' }
  expect((await ims('CreateLoginProfile', profile)).LoginProfile).toMatchObject({ ...alice(), MFABindRequired: true })
  await ims('UpdateLoginProfile', { ...alice(), MFABindRequired: 'false' })
  expect((await ims('GetLoginProfile', alice())).LoginProfile).toMatchObject({
    MFABindRequired: false,
    Status: 'Active',
  })
  expect(await refused('UpdateLoginProfile', { ...alice(), Status: 'Inactive' })).toBe('400 InvalidParameter')
  await ims('DeleteLoginProfile', alice())
})

test('a device is bound by two codes that follow each other', async () => {
  const { VirtualMFADevice } = await ims('CreateVirtualMFADevice', { VirtualMFADeviceName: 'phone' })
  const { SerialNumber, Base32StringSeed: seed } = VirtualMFADevice
  expect(SerialNumber).toBe(`acs:ram::${cloud.accountId}:mfa/phone`)
  const step = Math.floor(Date.now() / 30_000)
  const bind = (first: number, second: number) => {
    const codes = { AuthenticationCode1: codeAt(seed, first), AuthenticationCode2: codeAt(seed, second) }
    return { ...alice(), SerialNumber, ...codes }
  }
  const wrong = '400 InvalidParameter.AuthenticationCode'
  expect(await refused('BindMFADevice', bind(step, step))).toBe(wrong)
  expect(await refused('BindMFADevice', bind(step, step - 1))).toBe(wrong)
  expect(await refused('BindMFADevice', bind(step - 40, step - 39))).toBe(wrong)
  await ims('BindMFADevice', bind(step - 1, step))
  expect((await ims('GetUserMFAInfo', alice())).MFADevice).toEqual({ SerialNumber, Type: 'VMFA' })
  expect(await refused('BindMFADevice', bind(step - 1, step))).toBe('409 EntityAlreadyExists.User.MFADevice')
  expect(await refused('DeleteUser', alice())).toBe('409 DeleteConflict.User.MFADevice')
  expect(await refused('DeleteVirtualMFADevice', { SerialNumber })).toBe('409 DeleteConflict.MFADevice')
  const { VirtualMFADevices } = await ims('ListVirtualMFADevices')
  expect(VirtualMFADevices.VirtualMFADevice).toMatchObject([{ SerialNumber, User: alice() }])
  expect((await ims('GetAccountSummary')).SummaryMap).toMatchObject({ Users: 1, MFADevices: 1, MFADevicesInUse: 1 })
  await ims('UnbindMFADevice', alice())
  await ims('DeleteVirtualMFADevice', { SerialNumber })
  expect((await call('Ram', 'ListVirtualMFADevices', {})).VirtualMFADevices.VirtualMFADevice).toEqual([])
})

test('security preferences are kept for both APIs', async () => {
  const { SecurityPreference } = await ims('GetSecurityPreference')
  expect(SecurityPreference).toMatchObject({
    LoginProfilePreference: { AllowUserToChangePassword: true, LoginSessionDuration: 6 },
  })
  await ims('SetSecurityPreference', { LoginSessionDuration: '8', LoginNetworkMasks: '10.0.0.0/8;2001:db8::/32' })
  const { SecurityPreference: kept } = await call('Ram', 'GetSecurityPreference', {})
  expect(kept.LoginProfilePreference).toMatchObject({
    LoginSessionDuration: 8,
    LoginNetworkMasks: '10.0.0.0/8;2001:db8::/32',
    AllowUserToChangePassword: true,
  })
  expect(await refused('SetSecurityPreference', { LoginSessionDuration: '25' })).toBe(
    '400 InvalidParameter.LoginSessionDuration',
  )
  expect(await refused('SetSecurityPreference', { LoginNetworkMasks: '10.0.0.0/40' })).toBe(
    '400 InvalidParameter.LoginNetworkMasks',
  )
  expect(await refused('SetSecurityPreference', { AllowUserToLoginWithPasskey: 'true' })).toBe('400 InvalidParameter')
})
