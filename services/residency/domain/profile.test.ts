import { expect, test } from 'vitest'
import { allowsRegion, declarationsFor, isOpen, type Profile, questionsOf } from './profile.ts'

const declared = (resourceArn: string, dataClass: string, origin = '') => ({ resourceArn, dataClass, origin })
const profile = (change: Partial<Profile> = {}): Profile => ({
  accountId: '1',
  declarations: [],
  facts: {},
  allowedPlaces: undefined,
  ...change,
})

test('who declares nothing is open, who declares anything is not', () => {
  expect(isOpen(profile({ facts: { ciio: false } }))).toBe(true)
  expect(isOpen(profile({ allowedPlaces: ['DE'] }))).toBe(false)
  expect(isOpen(profile({ declarations: [declared('', 'personal')] }))).toBe(false)
})

test('a policy names regions and jurisdictions', () => {
  const some = profile({ allowedPlaces: ['CN', 'eu-central-1'] })
  expect(['cn-beijing', 'cn-hongkong', 'eu-central-1', 'us-west-1'].map((id) => allowsRegion(some, id))).toEqual([
    ...[true, false, true, false],
  ])
})

test.each([
  ['acs:oss:*:1:box', 'acs:oss:eu-central-1:1:box/key', true],
  ['acs:oss:*:1:box', 'acs:oss:eu-central-1:1:box', true],
  ['acs:oss:*:1:box', 'acs:oss:eu-central-1:1:box-2/key', false],
  ['acs:oss:us-west-1:1:box', 'acs:oss:eu-central-1:1:box', false],
  ['acs:oss:*:1:box/a/', 'acs:oss:eu-central-1:1:box/a/b', true],
  ['acs:oss:*:1:box/a/', 'acs:oss:eu-central-1:1:box/ab', false],
  ['acs:oss:*:1:bo*', 'acs:oss:eu-central-1:1:box/a', true],
  ['acs:oss:*:2:box', 'acs:oss:eu-central-1:1:box', false],
  ['acs:ecs:*:1:disk/d-1', 'acs:ecs:cn-hangzhou:1:disk/d-1', true],
  ['acs:ecs:*:1:disk/d-1', 'acs:ecs:cn-hangzhou:1:disk/d-12', false],
])('what is said of %s counts for %s: %s', (arn, resource, counts) => {
  const one = profile({ declarations: [declared(arn, 'health')] })
  expect(declarationsFor(one, [resource]).length > 0).toBe(counts)
})

test('placing asks the law of origins, moving that of the place left as well; each once', () => {
  const some = profile({
    declarations: [declared('', 'personal', 'DE'), declared('', 'payment', 'IN'), declared('', 'health')],
  })
  const placed = questionsOf(some, { resources: [], regionId: 'ap-southeast-1' })
  expect(placed.map(({ from, to, dataClasses }) => [from, to, dataClasses])).toEqual([
    ['DE', 'SG', ['personal']],
    ['IN', 'SG', ['payment']],
  ])
  expect(questionsOf(some, { resources: [], regionId: 'ap-south-1' }).map(({ from }) => from)).toEqual(['DE'])
  const moved = questionsOf(some, { resources: [], regionId: 'ap-southeast-1', fromRegionId: 'cn-shenzhen' })
  expect(moved.map(({ from, dataClasses, facts }) => [from, dataClasses, facts['fromCity']])).toEqual([
    ['DE', ['personal'], undefined],
    ['CN', ['health', 'payment', 'personal'], 'Shenzhen'],
    ['IN', ['payment'], undefined],
  ])
  expect(
    questionsOf(profile({ declarations: [declared('', 'health')] }), {
      ...{ resources: [], regionId: 'cn-beijing', fromRegionId: 'cn-shenzhen' },
    }),
  ).toEqual([])
})
