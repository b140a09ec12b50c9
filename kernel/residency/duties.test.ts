import { lawPacks } from '@pileus/world/laws'
import { expect, test } from 'vitest'
import { findFilingStatute, findIdentityStatute } from './duties.ts'

const today = '2026-11-23'

test('China and India want to know their customers, and China alone files websites', () => {
  const where = (find: typeof findIdentityStatute) =>
    lawPacks.map(({ jurisdiction }) => jurisdiction).filter((jurisdiction) => find(jurisdiction, today))
  expect(where(findIdentityStatute)).toEqual(['CN', 'IN'])
  expect(where(findFilingStatute)).toEqual(['CN'])
  expect(findFilingStatute('CN', today)?.id).toBe('CN-ICP')
})

test('a law asks nothing before its day, and a place without laws nothing at all', () => {
  expect(findIdentityStatute('CN', '2017-05-31')).toBeUndefined()
  expect(findIdentityStatute('CN', '2017-06-01')?.citation).toContain('Art. 24')
  expect(findIdentityStatute('XX', today)).toBeUndefined()
})
