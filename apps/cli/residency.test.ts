import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newReportKey, type ResidencyReport, signReport } from '@pileus/kernel/residency/report'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { explainResidency, listLaws, verifyResidencyReport } from './commands/residency.ts'

let printed = ''
beforeEach(() => {
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
})

const transfer = { from: 'DE', to: 'JP', class: 'personal', on: '2026-11-01' }

test('explain prints decision, reason and laws, for people and for programs', () => {
  explainResidency(transfer)
  expect(printed).toContain('ALLOW  personal  DE -> JP  on 2026-11-01')
  expect(printed).toContain('EU-GDPR-V')
  expect(printed).toContain('Not legal advice.')
  printed = ''
  explainResidency({ ...transfer, on: '2018-09-19', json: true, lang: 'ja' })
  expect(JSON.parse(printed)).toMatchObject({
    decision: 'conditional',
    needs: ['scc-with-tia', 'derogation'],
    why: expect.stringContaining('ドイツから日本へ'),
  })
})

test('a region stands for its jurisdiction, and its city is a fact', () => {
  const facts = '{"ciio":false,"peopleSinceJan1":5000000,"sensitivePeople":0,"gbaContractFiled":true}'
  const decide = (from: string) => {
    printed = ''
    explainResidency({ ...transfer, from, to: 'cn-hongkong', facts, json: true })
    return (JSON.parse(printed) as { decision: string }).decision
  }
  expect([decide('cn-shenzhen'), decide('cn-beijing')]).toEqual(['allow', 'conditional'])
})

test.each([
  [{ from: 'FR' }, '--from: there are no laws of "FR" here'],
  [{ from: 'eu-west-9' }, 'there is no region "eu-west-9"'],
  [{ to: 'ZZ' }, '--to: "ZZ" is not known'],
  [{ class: 'secrets' }, '--class: "secrets" is no data class. There are: account'],
  [{ on: 'today' }, '--on: "today" is not a date'],
  [{ facts: '{' }, '--facts takes a JSON object'],
  [{ facts: '{"isSafe":1}' }, '--facts: "isSafe" is no fact. There are: authorityApprovalRecorded'],
])('explain refuses %j and says what to do', (wrong, message) => {
  expect(() => explainResidency({ ...transfer, ...wrong })).toThrow(message)
})

test('laws lists a jurisdiction as it stood on a day', () => {
  listLaws({ jurisdiction: 'ap-south-1', on: '2018-09-19' })
  expect(printed).toMatch(/IN-RBI-2018 +enacted-future +deny/)
  expect(printed).not.toContain('EU-GDPR')
  printed = ''
  listLaws({ json: true })
  expect(JSON.parse(printed)).toHaveLength(73)
  expect(() => listLaws({ jurisdiction: 'FR' })).toThrow('There are those of CN, HK')
  expect(() => listLaws({ on: '2018' })).toThrow('--on')
})

test('verify-report shows a report that is genuine and refuses any other', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pileus-report-'))
  const report: ResidencyReport = {
    ...{
      format: 'pileus-residency-report/1',
      accountId: '1234567890123456',
      cellId: 'c',
      generatedAt: '2026-11-01T00:00:00Z',
    },
    ...{ allowedPlaces: ['DE'], dataClasses: [], decisions: { allow: 1, conditional: 0, deny: 2 }, regions: [] },
    resources: [
      { arn: 'acs:oss:eu-central-1:1:b', regionId: 'eu-central-1', kind: 'bucket', jurisdiction: 'DE', bytes: 7 },
    ],
  }
  try {
    const key = newReportKey()
    const file = join(directory, 'report.json')
    const text = JSON.stringify(signReport(report, key), undefined, 2)
    writeFileSync(file, JSON.stringify({ RequestId: 'x', Report: text }))
    verifyResidencyReport(file, { key: key.publicKey })
    expect(printed).toContain('acs:oss:eu-central-1:1:b 7 bytes')
    expect(printed).toContain('only DE')
    expect(() => verifyResidencyReport(file, { key: newReportKey().publicKey })).toThrow('another key has signed it')
    for (const [wrong, reason] of [
      [text.replace('"DE"', '"SG"'), 'changed after it was signed'],
      [text.replace('"bytes": 7', '"bytes": 8'), 'changed after it was signed'],
      [text.replace(key.publicKey, 'x'), 'malformed'],
      ['{}', 'no residency report'],
      ['no', 'not JSON'],
    ] as const) {
      writeFileSync(file, wrong)
      expect(() => verifyResidencyReport(file, {})).toThrow(reason)
    }
    expect(() => verifyResidencyReport(join(directory, 'none'), {})).toThrow('cannot read')
  } finally {
    rmSync(directory, { recursive: true })
  }
})
