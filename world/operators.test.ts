import { expect, test } from 'vitest'
import { findLocale } from './locales.ts'
import { findOperator, operatorOf, operators, platformOperatorId } from './operators.ts'
import { findRegion, regions } from './regions.ts'

test('each region has one operator: Japan its partner, all others the platform', () => {
  const runBy = regions.map((region) => [region.id, operatorOf(region).id])
  expect(runBy.filter(([, id]) => id !== platformOperatorId)).toEqual([['ap-northeast-1', 'japan']])
  expect(operators.flatMap(({ regionIds }) => regionIds).toSorted()).toEqual(regions.map(({ id }) => id).toSorted())
})

test('an operator sits in a region of its own, and answers in languages that this cloud speaks', () => {
  for (const operator of operators) {
    expect(findRegion(operator.seatRegionId)).toBeDefined()
    expect(operator.regionIds).toContain(operator.seatRegionId)
    expect(operator.supportLanguages.map((tag) => findLocale(tag))).not.toContain(undefined)
    expect(() => new Intl.DateTimeFormat('en', { timeZone: operator.supportHours.timeZone })).not.toThrow()
  }
  expect(findOperator('nobody')).toBeUndefined()
})
