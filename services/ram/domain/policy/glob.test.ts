import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileGlob } from './glob.ts'

test('a star stands for any characters and a question mark for one', () => {
  const cases: [string, string, boolean][] = [
    ['*', '', true],
    ['?', '', false],
    ['ecs:Run*', 'ecs:RunInstances', true],
    ['ecs:Run*', 'ecs:Run', true],
    ['ecs:*Group', 'ecs:JoinSecurityGroup', true],
    ['ecs:*Group', 'ecs:JoinSecurityGroups', false],
    ['i-?', 'i-1', true],
    ['i-?', 'i-12', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a.c', 'abc', false],
    ['[a]', 'a', false],
  ]
  for (const [pattern, text, expected] of cases)
    expect([pattern, text, compileGlob(pattern)(text)]).toEqual([pattern, text, expected])
})

test('any pattern decides as its definition says', () => {
  const letters = fc.constantFrom('a', 'b', '*', '?')
  const pattern = fc.array(letters, { maxLength: 8 }).map((list) => list.join(''))
  fc.assert(
    fc.property(pattern, fc.stringMatching(/^[ab*?]{0,10}$/), (glob, text) => {
      expect(compileGlob(glob)(text)).toBe(matchesByDefinition(glob, text))
    }),
    { numRuns: 2_000 },
  )
})

test('a pattern made to be slow is not', () => {
  const startedMs = performance.now()
  expect(compileGlob(`${'*a'.repeat(200)}b`)('a'.repeat(5_000))).toBe(false)
  expect(performance.now() - startedMs).toBeLessThan(1_000)
})

function matchesByDefinition(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  const rest = pattern.slice(1)
  if (pattern[0] === '*') {
    for (let skip = 0; skip <= text.length; skip++) if (matchesByDefinition(rest, text.slice(skip))) return true
    return false
  }
  return text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && matchesByDefinition(rest, text.slice(1))
}
