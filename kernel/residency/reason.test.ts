import { locales } from '@pileus/world/locales'
import { expect, test } from 'vitest'
import { type Explanation, explain } from './explain.ts'
import { residencyCatalogues } from './messages/catalogues.ts'
import { needPhrase, sources } from './messages/templates.ts'
import { policyReason, residencyReason } from './reason.ts'

const ask = (from: string, to: string, dataClass: string, facts = {}): Explanation =>
  explain({ from, to, dataClasses: [dataClass], on: '2026-11-01', facts })
const denied = ask('IN', 'SG', 'payment')
const conditional = ask('MY', 'SG', 'personal')

test('English names the law, the places and what would help', () => {
  expect(residencyReason(denied, 'en')).toContain(
    '[IN-RBI-2018] does not let data of class payment leave India for Singapore.',
  )
  expect(residencyReason(conditional, undefined)).toContain(
    'only with a transfer impact assessment of the last three years, consent of',
  )
  expect(residencyReason(ask('DE', 'JP', 'personal'), 'en')).toContain(
    'Germany for Japan: a recipient or country listed as adequate.',
  )
  expect(residencyReason(ask('HK', 'JP', 'personal'), 'en')).toBe(
    'No law known here holds back data of class personal from leaving Hong Kong SAR China for Japan on 2026-11-01.',
  )
  expect(residencyReason(ask('JP', 'JP', 'personal'), 'en')).toBe('Data of class personal stays in Japan.')
  expect(policyReason({ accountId: '1', allowed: ['DE', 'SG'], regionId: 'us-west-1' }, 'en')).toBe(
    'The residency policy of account 1 allows data in DE, SG only, so not in us-west-1.',
  )
})

test.each([
  ['zh-CN', '印度', '新加坡'],
  ['zh-HK', '印度', '新加坡'],
  ['ja', 'インド', 'シンガポール'],
  ['ms', 'India', 'Singapura'],
  ['id', 'India', 'Singapura'],
  ['hi', 'भारत', 'सिंगापुर'],
  ['ar', 'الهند', 'سنغافورة'],
  ['de', 'Indien', 'Singapur'],
])('%s says the same, with its own names of places and the same codes', (language, from, to) => {
  const said = residencyReason(denied, language)
  for (const part of [from, to, 'payment', 'IN-RBI-2018']) expect(said).toContain(part)
  expect(said).not.toContain('does not let')
  expect(residencyReason(conditional, language)).not.toMatch(/only with|assessment|, or /)
})

test.each(locales.filter((locale) => locale !== 'en'))('%s has every text, and no other', (locale) => {
  expect(Object.keys(residencyCatalogues[locale as 'de']).sort()).toEqual([...new Set(sources)].sort())
  for (const [source, translation] of Object.entries(residencyCatalogues[locale as 'de'])) {
    const placesOf = (template: string) => (template.match(/\{\w+\}/g) ?? []).sort()
    expect(placesOf(translation)).toEqual(placesOf(source))
  }
})

test('every need that a statute can ask for has a phrase', async () => {
  const { lawPacks } = await import('@pileus/world/laws')
  const asked = lawPacks.flatMap(({ statutes }) =>
    statutes.flatMap(({ conditions, leaving }) => {
      const hasWays = conditions.some(({ kind }) => kind === 'route' || kind === 'exception')
      const isAsked = (one: (typeof conditions)[number]): boolean =>
        one.onlyIf !== undefined ||
        (one.kind === 'route' && one.listed?.length !== 0) ||
        (one.kind === 'duty' && leaving === 'conditional' && !hasWays)
      return leaving === 'allow' ? [] : conditions.filter(isAsked).flatMap(({ need, options }) => options ?? [need])
    }),
  )
  const without = [...new Set(asked)].filter((need) => !sources.includes(needPhrase(need)))
  expect(without).toEqual([])
})
