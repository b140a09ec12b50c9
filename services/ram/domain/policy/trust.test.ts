import type { AccountId } from '@pileus/kernel/ids'
import type { Principal } from '@pileus/kernel/ports'
import { expect, test } from 'vitest'
import { isTrusted } from './trust.ts'

const accountId = '1234567890123456' as AccountId
const alice: Principal = { kind: 'user', accountId, accessKeyId: 'LTAIx', userId: '21', userName: 'alice' }
const session: Principal = {
  kind: 'role',
  accountId,
  accessKeyId: 'STS.x',
  roleId: '31',
  roleName: 'ops',
  sessionName: 'night',
}

function trusts(statements: object[], caller: Principal = alice, conditions = {}): boolean {
  return isTrusted(JSON.stringify({ Version: '1', Statement: statements }), caller, conditions)
}

const allow = (principal: object, more: object = {}) => ({
  Effect: 'Allow',
  Action: 'sts:AssumeRole',
  Principal: principal,
  ...more,
})

test('an account stands for all of its identities, a user or role for itself', () => {
  expect(trusts([allow({ RAM: [`acs:ram::${accountId}:root`] })])).toBe(true)
  expect(trusts([allow({ RAM: `acs:ram::${accountId}:root` })], session)).toBe(true)
  expect(trusts([allow({ RAM: 'acs:ram::9999999999999999:root' })])).toBe(false)
  expect(trusts([allow({ RAM: `acs:ram::${accountId}:user/alice` })])).toBe(true)
  expect(trusts([allow({ RAM: `acs:ram::${accountId}:user/bob` })])).toBe(false)
  expect(trusts([allow({ RAM: `acs:ram::${accountId}:role/ops` })], session)).toBe(true)
  expect(trusts([allow({ RAM: `acs:ram::${accountId}:role/ops` })])).toBe(false)
})

test('services and wildcards trust no caller', () => {
  expect(trusts([allow({ Service: ['ecs.aliyuncs.com'] })])).toBe(false)
  expect(trusts([allow({ RAM: '*' })])).toBe(false)
  expect(trusts([allow({ RAM: `acs:ram::${accountId}:user/*` })])).toBe(false)
})

test('a deny wins, also one whose principal is not understood', () => {
  const root = allow({ RAM: `acs:ram::${accountId}:root` })
  expect(trusts([root, { ...allow({ RAM: `acs:ram::${accountId}:user/alice` }), Effect: 'Deny' }])).toBe(false)
  expect(trusts([root, { ...allow({ RAM: '*' }), Effect: 'Deny' }])).toBe(false)
  expect(trusts([root, { ...allow({ RAM: `acs:ram::${accountId}:user/bob` }), Effect: 'Deny' }])).toBe(true)
})

test('other actions and unmet conditions do not trust', () => {
  const principal = { RAM: `acs:ram::${accountId}:root` }
  const withId = allow(principal, { Condition: { StringEquals: { 'sts:ExternalId': 'secret' } } })
  expect(trusts([allow(principal, { Action: 'sts:SetSourceIdentity' })])).toBe(false)
  expect(trusts([withId])).toBe(false)
  expect(trusts([withId], alice, { 'sts:ExternalId': 'other' })).toBe(false)
  expect(trusts([withId], alice, { 'sts:ExternalId': 'secret' })).toBe(true)
})
