/**
 * Tenants and regions are apart: for every operation that is registered, ids of another account, and of the same
 * account in another region, answer as ids that nobody ever had. Nobody can forget a new operation: it has a row in
 * isolation/cases.ts or a reason there.
 */
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answersAfresh, type Case, cases, namesNothing } from './isolation/cases.ts'
import { buildEstate, type Ids, type Intruder, neverExisted, newAdministrator } from './isolation/estate.ts'
import { call, kindsOf, listLeaks, signatureOf } from './isolation/intrusion.ts'
import { operations } from './operations.ts'

const nameOf = (operation: { ref: { product: string; name: string } }) =>
  `${operation.ref.product} ${operation.ref.name}`
const byName = new Map(operations.map((operation) => [nameOf(operation), operation]))
const rows = Object.entries(cases).flatMap(([name, one]) => {
  const operation = byName.get(name)
  return operation ? [{ name, operation, one }] : []
})

let cloud: TestCloud
let owner: Intruder
let stranger: Intruder
let abroad: Intruder
let nothing: Ids
let before: Map<string, string>

beforeAll(async () => {
  cloud = await startTestCloud({ machines: 3 })
  const strangerAccount: TestAccount = await cloud.newAccount()
  const estate = async (account: TestAccount, regionId: string, label: string): Promise<Intruder> => ({
    account,
    user: await newAdministrator(cloud, account, `${label}-administrator`),
    regionId,
    ids: await buildEstate(cloud, account, regionId, label),
  })
  ;[owner, stranger, abroad] = await Promise.all([
    estate(cloud, 'cn-hangzhou', 'victim'),
    estate(strangerAccount, 'cn-hangzhou', 'stranger'),
    estate(cloud, 'eu-central-1', 'abroad'),
  ])
  nothing = neverExisted(owner.ids)
  await cloud.eventually('the commands end', async () => {
    const answers = await Promise.all(
      [owner, stranger, abroad].map((one) =>
        call(one, byName.get('Ecs DescribeInvocations')!, cases['Ecs DescribeInvocations']!, one.ids),
      ),
    )
    return answers.every(({ body }) => body.Invocations.Invocation[0]?.InvocationStatus === 'Success')
  })
  before = await describeAll(owner)
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

/** What every reading operation says to its owner. */
async function describeAll(who: Intruder): Promise<Map<string, string>> {
  const told = new Map<string, string>()
  for (const { name, operation, one } of rows) {
    if (operation.kind !== 'read' || answersAfresh.has(name)) continue
    told.set(name, signatureOf(await call(who, operation, one, who.ids), who.ids))
  }
  return told
}

test('every operation has a row, or a reason to have none', () => {
  const known = new Set([...Object.keys(cases), ...Object.keys(namesNothing)])
  expect([...byName.keys()].filter((name) => !known.has(name))).toEqual([])
  expect([...known].filter((name) => !byName.has(name))).toEqual([])
  expect(Object.keys(cases).filter((name) => name in namesNothing)).toEqual([])
})

describe.concurrent('ids of another account answer as ids that never existed', () => {
  test.each(rows)('$name', async ({ operation, one }) => {
    expect(await listLeaks(stranger, operation, one, owner.ids, nothing)).toEqual([])
  })
})

describe.concurrent('ids of another region answer as ids that never existed', () => {
  test.each(rows.filter(({ operation }) => operation.rules.scope !== 'global'))('$name', async ({ operation, one }) => {
    expect(await listLeaks(abroad, operation, inRegionOf(abroad, one), owner.ids, nothing)).toEqual([])
  })
})

test('after all that, the owner finds everything as it was', async () => {
  expect(Object.fromEntries(await describeAll(owner))).toEqual(Object.fromEntries(before))
})

/** The rows mean what they say: the same call reaches what the caller owns. */
describe('the owner of such ids gets another answer', () => {
  test.each(rows.filter(({ one }) => kindsOf(one, {} as Ids).length > 0))('$name', async ({ operation, one }) => {
    const groped = signatureOf(await call(owner, operation, one, nothing), nothing)
    const own = signatureOf(await call(owner, operation, one, owner.ids), owner.ids)
    expect(own).not.toBe(groped)
  })
})

/** Cases name zones of the first region; elsewhere zones are other ones. */
function inRegionOf(who: Intruder, one: Case): Case {
  return (ids) =>
    Object.fromEntries(
      Object.entries(one(ids)).map(([name, value]) => [name, value.replace('cn-hangzhou-b', `${who.regionId}a`)]),
    )
}
