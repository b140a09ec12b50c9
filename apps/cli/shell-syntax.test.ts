import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { syntaxes } from './shell-syntax.ts'

const odd = [`it's`, 'a\\', "b\\'c", '$(id) `id` "x"', 'two\nlines']

test('a POSIX shell reads back what is exported, and runs none of it', () => {
  for (const value of odd) {
    const script = `${syntaxes['posix']!.set('X', value)}; printf %s "$X"`
    expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(value)
  }
})

test('fish knows two escapes between single quotes, and needs both', () => {
  expect(odd.slice(0, 3).map((value) => syntaxes['fish']!.set('X', value))).toEqual([
    `set -gx X 'it\\'s'`,
    `set -gx X 'a\\\\'`,
    `set -gx X 'b\\\\\\'c'`,
  ])
})

test('PowerShell doubles quotes', () => {
  expect(syntaxes['powershell']!.set('X', `it's`)).toBe(`$Env:X = 'it''s'`)
})
