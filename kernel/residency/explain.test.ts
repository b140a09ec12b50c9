import { lawPacks } from '@pileus/world/laws'
import { dataClasses, factKinds } from '@pileus/world/residency-vocabulary'
import { expect, test } from 'vitest'
import { type Explanation, explain, statusOn, strictest } from './explain.ts'
import { type ResidencyFacts, ResidencyQuestionError, type TransferQuestion } from './question.ts'

const now = '2026-11-01'
const then = '2018-09-19'
const small = { ciio: false, peopleSinceJan1: 50_000, sensitivePeople: 0 }

interface Vector {
  on: string
  from: string
  to: string
  dataClass: string
  facts?: ResidencyFacts
  decision: Explanation['decision']
  /** Says why, by its own outcome; `none` where no statute is asked. */
  statute: string
  needs?: string[]
  notNeeds?: string[]
  warnings?: string[]
}

const personal = { dataClass: 'personal' }
const vectors: Record<string, Vector> = {
  v01: { on: now, from: 'DE', to: 'JP', ...personal, decision: 'allow', statute: 'EU-GDPR-V' },
  v02: { on: then, from: 'DE', to: 'JP', ...personal, decision: 'conditional', statute: 'EU-GDPR-V' },
  v04: {
    on: now,
    from: 'DE',
    to: 'US',
    ...personal,
    facts: { recipientDpf: true },
    decision: 'allow',
    statute: 'EU-GDPR-V',
  },
  v05: {
    ...{ on: now, from: 'DE', to: 'US', ...personal, facts: { recipientDpf: false } },
    ...{ decision: 'conditional', statute: 'EU-GDPR-V', needs: ['adequacy', 'scc-with-tia'] },
  },
  v07: { on: now, from: 'CN', to: 'SG', ...personal, facts: small, decision: 'allow', statute: 'CN-CBDF-2024' },
  v08: {
    ...{ on: now, from: 'CN', to: 'SG', ...personal, facts: { ...small, peopleSinceJan1: 100_000 } },
    ...{
      decision: 'conditional',
      statute: 'CN-CBDF-2024',
      needs: ['filed-scc-or-certification'],
      notNeeds: ['one-of'],
    },
  },
  v10: {
    ...{ on: now, from: 'CN', to: 'SG', dataClass: 'sensitive-personal' },
    ...{ facts: { ciio: false, peopleSinceJan1: 0, sensitivePeople: 1 } },
    ...{ decision: 'conditional', statute: 'CN-CBDF-2024', needs: ['filed-scc-or-certification'] },
  },
  v11: {
    ...{ on: now, from: 'CN', to: 'SG', dataClass: 'sensitive-personal' },
    ...{ facts: { ciio: false, peopleSinceJan1: 0, sensitivePeople: 10_000 } },
    ...{ decision: 'conditional', statute: 'CN-CBDF-2024' },
    ...{ needs: ['security-assessment'], notNeeds: ['filed-scc-or-certification'] },
  },
  v13: {
    ...{ on: now, from: 'CN', to: 'HK', ...personal },
    ...{ facts: { ...small, fromCity: 'Shenzhen', peopleSinceJan1: 5_000_000, gbaContractFiled: true } },
    ...{ decision: 'allow', statute: 'CN-GBA-SC' },
  },
  v14: {
    ...{ on: now, from: 'CN', to: 'US', ...personal },
    ...{ facts: { foreignAuthorityRequest: true, ciio: false, peopleSinceJan1: 10, sensitivePeople: 0 } },
    ...{ decision: 'conditional', statute: 'CN-PIPL-38', needs: ['regulator-approval'] },
  },
  v16: {
    ...{ on: now, from: 'IN', to: 'SG', dataClass: 'payment', facts: { processingOnly: true } },
    ...{ decision: 'conditional', statute: 'IN-RBI-2018', needs: ['return-and-delete'] },
  },
  v17: {
    ...{ on: then, from: 'IN', to: 'SG', dataClass: 'payment' },
    ...{ decision: 'allow', statute: 'none', warnings: ['IN-RBI-2018'] },
  },
  v19: { on: then, from: 'ID', to: 'SG', dataClass: 'public-service', decision: 'deny', statute: 'ID-GR82-2012' },
  v20: { on: now, from: 'ID', to: 'SG', dataClass: 'government', decision: 'deny', statute: 'ID-GR71-20' },
  v22: {
    ...{ on: now, from: 'MY', to: 'SG', ...personal, facts: { tiaAgeDays: 1200 } },
    ...{ decision: 'conditional', statute: 'MY-PDPA-129', needs: ['transfer-impact-assessment'] },
  },
  v23: {
    on: now,
    from: 'MY',
    to: 'SG',
    ...personal,
    facts: { tiaAgeDays: 100 },
    decision: 'allow',
    statute: 'MY-PDPA-129',
  },
  v25: { on: now, from: 'AU', to: 'SG', dataClass: 'health:my-health-record', decision: 'deny', statute: 'AU-MHR-77' },
  v26: { on: now, from: 'AE', to: 'DE', dataClass: 'health', decision: 'deny', statute: 'AE-HEALTH-13' },
  v28: {
    ...{ on: now, from: 'JP', to: 'US', ...personal, facts: { providerNoHandling: true } },
    ...{ decision: 'allow', statute: 'JP-APPI-28' },
  },
  v29: {
    ...{ on: now, from: 'US', to: 'SG', dataClass: 'bulk-health', facts: { people: 20_000, recipientCovered: false } },
    ...{ decision: 'allow', statute: 'US-DOJ-202' },
  },
  v31: {
    ...{ on: now, from: 'US', to: 'HK', dataClass: 'bulk-genomic', facts: { people: 101, recipientCovered: true } },
    ...{ decision: 'deny', statute: 'US-DOJ-202' },
  },
  v32: {
    ...{ on: then, from: 'US', to: 'HK', dataClass: 'bulk-health', facts: { people: 20_000 } },
    ...{ decision: 'allow', statute: 'none' },
  },
  v35: { on: then, from: 'MY', to: 'SG', ...personal, decision: 'conditional', statute: 'MY-PDPA-129-old' },
  v36: {
    ...{ on: then, from: 'CN', to: 'SG', ...personal },
    ...{ facts: { ...small, peopleSinceJan1: 5_000_000 }, decision: 'allow', statute: 'none' },
  },
}

test.each(Object.entries(vectors))(
  'vector %s gets its decision, and the statute that makes it is named',
  (_, vector) => {
    const { on, from, to, dataClass, facts = {} } = vector
    const found = explain({ from, to, dataClasses: [dataClass], on, facts })
    expect(found.decision).toBe(vector.decision)
    expect(found.needs).toEqual(expect.arrayContaining(vector.needs ?? []))
    for (const need of vector.notNeeds ?? []) expect(found.needs).not.toContain(need)
    expect(found.warnings).toEqual(vector.warnings ?? [])
    if (vector.statute === 'none') expect(found.statutes).toEqual([])
    else expect(found.statutes.find(({ id }) => id === vector.statute)?.decision).toBe(vector.decision)
  },
)

test('All 24 vectors are here', () => expect(Object.keys(vectors)).toHaveLength(24))

const ask = (question: Partial<TransferQuestion>) =>
  explain({ from: 'DE', to: 'SG', dataClasses: ['personal'], on: now, facts: {}, ...question })

test('data that stays is let stay, and the duties of holding it are told', () => {
  const held = ask({ from: 'IN', to: 'IN', dataClasses: ['payment', 'operational-log'] })
  expect(held.decision).toBe('allow')
  expect(held.statutes.every(({ because }) => because.kind === 'stays')).toBe(true)
  expect(held).toMatchObject({ localCopyRequired: true, breachHours: 6, logDays: 180 })
})

test('evidence on file opens a route, for the law that it names and no other', () => {
  expect(ask({ facts: { onFile: ['scc-with-tia'] } }).routes).toEqual(['EU-GDPR-V:scc-with-tia'])
  expect(ask({ facts: { onFile: ['EU-GDPR-V:derogation'] } }).decision).toBe('allow')
  expect(ask({ facts: { onFile: ['AU-APP-8:consent'] } }).decision).toBe('conditional')
})

test('a rule that only names duties asks for all of them', () => {
  const question = { from: 'SG', to: 'US', dataClasses: ['financial'] }
  expect(ask(question)).toMatchObject({ needs: ['contract', 'regulator-register', 'confidentiality'] })
  const onFile = ['contract', 'regulator-register', 'confidentiality']
  expect(ask({ ...question, facts: { onFile } }).decision).toBe('allow')
  expect(ask({ ...question, facts: { onFile: onFile.slice(1) } }).needs).toEqual(['contract'])
})

test('a law for special tenants does not apply to a tenant known to be another', () => {
  const question = { from: 'IN', to: 'SG', dataClasses: ['payment'] }
  expect(ask(question).decision).toBe('deny')
  expect(ask({ ...question, facts: { tenantKinds: ['difc-entity'] } }).decision).toBe('allow')
  const dubai = { from: 'AE', to: 'DE', facts: { tenantKinds: ['difc-entity'] } }
  expect(ask(dubai)).toMatchObject({ decision: 'allow', routes: ['AE-DIFC-26:adequacy'] })
})

test('a recipient in a country of concern is covered unless it is known not to be', () => {
  expect(ask({ from: 'US', to: 'CN', dataClasses: ['bulk-genomic'] }).decision).toBe('deny')
  expect(ask({ from: 'US', to: 'CN', dataClasses: ['bulk-health'] }).needs).toEqual(['cisa-security-requirements'])
})

test('a bay area contract helps from its cities alone, and only to Hong Kong', () => {
  const facts = { ...small, peopleSinceJan1: 5_000_000, gbaContractFiled: true, fromCity: 'Beijing' }
  expect(ask({ from: 'CN', to: 'HK', facts }).decision).toBe('conditional')
  expect(ask({ from: 'CN', to: 'SG', facts: { ...facts, fromCity: 'Shenzhen' } }).decision).toBe('conditional')
})

test('the strictest of several classes counts', () => {
  const mixed = ask({ from: 'AE', dataClasses: ['website', 'personal', 'health'] })
  expect(mixed.decision).toBe('deny')
  expect(mixed.statutes[0]).toMatchObject({ id: 'AE-HEALTH-13', dataClasses: ['health'] })
})

test.each([
  [{ from: 'FR' }, 'from', 'CN, HK, SG'],
  [{ to: 'XX' }, 'to', 'Known are: AD'],
  [{ dataClasses: [] }, 'dataClasses', 'at least one'],
  [{ dataClasses: ['secrets'] }, 'dataClasses', 'payment, personal'],
  [{ on: '2026-02-30' }, 'on', '2026-11-01'],
  [{ facts: { isCiio: true } }, 'facts', 'cacAssessmentPassed'],
  [{ facts: { ciio: 'no' } }, 'facts', 'true or false'],
  [{ facts: { people: -1 } }, 'facts', 'from 0'],
  [{ facts: { necessity: 'fun' } }, 'facts', 'contract, hr, emergency'],
  [{ facts: { onFile: ['EU-GDPR-V:luck'] } }, 'facts', 'scc-with-tia'],
  [{ facts: { tenantKinds: ['bank'] } }, 'facts', 'financial-institution'],
  [{ facts: [] as never }, 'facts', 'a JSON object'],
])('a question with a wrong part is refused, and what is known is listed: %j', (part, parameter, known) => {
  expect.assertions(2)
  try {
    ask(part)
  } catch (error) {
    expect(error).toMatchObject({ constructor: ResidencyQuestionError, parameter })
    expect((error as Error).message).toContain(known)
  }
})

/** The same numbers on every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function randomQuestion(random: (below: number) => number): TransferQuestion {
  const pick = <T>(items: readonly T[]): T => items[random(items.length)]!
  const jurisdictions = lawPacks.map((pack) => pack.jurisdiction)
  const facts: Record<string, boolean | number | string> = {}
  for (const [name, kind] of factKinds) {
    if (random(3) > 0 || kind.type === 'list') continue
    if (kind.type === 'boolean') facts[name] = random(2) === 0
    else if (kind.type === 'number') facts[name] = pick([0, 1, 24, 1095, 9_999, 10_000, 100_000, 1_000_000])
    else facts[name] = pick(kind.oneOf ?? ['Shenzhen', 'Beijing'])
  }
  const on = `20${String(10 + random(20))}-${String(1 + random(12)).padStart(2, '0')}-15`
  return { from: pick(jurisdictions), to: pick(jurisdictions), dataClasses: [pick([...dataClasses.keys()])], on, facts }
}

test('random questions: no later statute is seen, the strictest decides, and evidence never makes it stricter', () => {
  const random = randomNumbers(7)
  const orderOf = (one: Explanation): number => ['allow', 'conditional', 'deny'].indexOf(one.decision)
  for (let round = 0; round < 3_000; round += 1) {
    const question = randomQuestion(random)
    const found = explain(question)
    const pack = lawPacks.find(({ jurisdiction }) => jurisdiction === question.from)!
    for (const { id, status } of found.statutes) {
      const statute = pack.statutes.find((one) => one.id === id)!
      expect(statute.from <= question.on && question.on <= (statute.until ?? '9999-12-31')).toBe(true)
      expect(statusOn(statute, question.on)).toBe(status)
    }
    for (const id of found.warnings)
      expect(pack.statutes.find((one) => one.id === id)!.announcedOn! <= question.on).toBe(true)
    expect(found.decision).toBe(strictest(found.statutes.map(({ decision }) => decision)))
    if (question.from === question.to) expect(found.decision).toBe('allow')
    if (found.decision === 'conditional') expect(found.needs).not.toEqual([])
    expect(explain(question)).toEqual(found)

    const onFile = found.needs
    const better = explain({ ...question, facts: { ...question.facts, onFile } })
    expect(orderOf(better)).toBeLessThanOrEqual(orderOf(found))
    for (const fact of [
      'providerNoHandling',
      'cacAssessmentPassed',
      'cisaRequirementsMet',
      'foreignLeg',
      'originAbroad',
    ]) {
      if (question.facts[fact] === true) continue
      const more = explain({ ...question, facts: { ...question.facts, [fact]: true } })
      expect(orderOf(more)).toBeLessThanOrEqual(orderOf(found))
    }
  }
})
