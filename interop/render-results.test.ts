import { expect, test } from 'vitest'
import { findReason, listUnexplained, type Reason, readReasons, readResults } from './render-results.ts'

test('every test of a client that did not pass has a reason', () => {
  expect(listUnexplained(readResults(), readReasons())).toEqual([])
})

test('every reason is still one of a test that did not pass', () => {
  const failing = readResults().flatMap(({ suite, tests }) =>
    tests.filter(([, status]) => status !== 'passed').map(([name]) => ({ suite, name })),
  )
  const reasons = readReasons()
  const used = new Set(failing.map(({ suite, name }) => findReason(reasons, suite, name)))
  expect(reasons.filter((reason) => !used.has(reason))).toEqual([])
})

test('a test without a reason is told by name', () => {
  const reason: Reason = { suite: 'a', tests: ['known'], kind: 'missing', reason: 'because' }
  const results = [
    {
      suite: 'a',
      version: '1',
      tests: [
        ['is known', 'failed'],
        ['new', 'skipped'],
        ['ok', 'passed'],
      ],
    },
  ]
  expect(listUnexplained(results as never, [reason])).toEqual(['a: new'])
})
