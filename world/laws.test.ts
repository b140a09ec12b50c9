import { expect, test } from 'vitest'
import { economicArea, findLawPack, findStatute, lawPacks } from './laws.ts'
import { regions } from './regions.ts'
import { classesOf, dataClasses, destinations, factKinds, tenantKinds } from './residency-vocabulary.ts'

const statutes = lawPacks.flatMap((pack) => pack.statutes)
const date = /^\d{4}-\d{2}-\d{2}$/

test('There are 73 statutes in 11 jurisdictions, each with an id of its own', () => {
  expect(lawPacks).toHaveLength(11)
  expect(statutes).toHaveLength(73)
  expect(new Set(statutes.map(({ id }) => id)).size).toBe(73)
  for (const pack of lawPacks)
    for (const { jurisdiction } of pack.statutes) expect(jurisdiction).toBe(pack.jurisdiction)
})

test('Every region has a law pack, and every pack a region', () => {
  const hosted = new Set(regions.map(({ jurisdiction }) => jurisdiction))
  expect([...hosted].sort()).toEqual(lawPacks.map(({ jurisdiction }) => jurisdiction).sort())
})

test.each(statutes.map((statute) => [statute.id, statute] as const))(
  '%s uses known words, dates and ids',
  (_, statute) => {
    for (const words of [statute.title, statute.gist, statute.citation]) expect(words.trim()).not.toBe('')
    expect(statute.confidence).toMatch(/^(high|medium|low)$/)
    expect(statute.standing).toMatch(/^(binding|enforcement-pending|dormant|proposed)$/)
    expect(statute.from).toMatch(date)
    if (statute.announcedOn) expect(statute.announcedOn < statute.from).toBe(true)
    if (statute.until) expect(statute.until > statute.from).toBe(true)
    expect(statute.until === undefined).toBe(statute.endedAs === undefined)
    for (const kind of [statute.tenants, ...(statute.exceptTenants ?? [])]) {
      if (kind !== 'any') expect([...tenantKinds.keys()]).toContain(kind)
    }
    expect(statute.dataClasses.length).toBeGreaterThan(0)
    for (const dataClass of statute.dataClasses) expect([...dataClasses.keys()]).toContain(dataClass)
    expect(statute.leaving).toMatch(/^(allow|conditional|deny)$/)
    for (const condition of statute.conditions) {
      expect(condition.kind).toMatch(/^(route|exception|bar|duty|info)$/)
      expect(condition.says.endsWith('.')).toBe(true)
      for (const [fact, comparison, value] of [
        ...(condition.when ?? []),
        ...(condition.availableIf ?? []),
        ...(condition.onlyIf ?? []),
        ...(condition.listed ?? []).flatMap((listing) => listing.onlyIf ?? []),
      ]) {
        expect(['dataClass', 'toJurisdiction', ...factKinds.keys()]).toContain(fact)
        expect(['==', '!=', '<', '<=', 'in']).toContain(comparison)
        expect(Array.isArray(value)).toBe(comparison === 'in')
      }
      for (const id of condition.lifts ?? []) expect(findStatute(id)?.jurisdiction).toBe(statute.jurisdiction)
      for (const listing of condition.listed ?? []) {
        expect(listing.to === 'EEA' || destinations.has(listing.to)).toBe(true)
        expect(listing.from).toMatch(date)
        if (listing.until) expect(listing.until > listing.from).toBe(true)
      }
    }
  },
)

test('Sensitive personal data is personal as well, and nothing else is two things', () => {
  expect(classesOf('sensitive-personal')).toEqual(['sensitive-personal', 'personal'])
  expect(classesOf('payment')).toEqual(['payment'])
})

test('The economic area has thirty members, and what is not there is not found', () => {
  expect(economicArea.size).toBe(30)
  expect(findLawPack('FR')).toBeUndefined()
  expect(findStatute('__proto__')).toBeUndefined()
})
