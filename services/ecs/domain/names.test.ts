import { describe, expect, test } from 'vitest'
import { checkHostName, checkInstanceName, defaultHostName, expandName } from './names.ts'

describe('expandName', () => {
  test.each([
    ['web', 2, false, ['web', 'web']],
    ['web', 2, true, ['web001', 'web002']],
    ['web', 1, true, ['web']],
    ['web[7,4]', 2, false, ['web0007', 'web0008']],
    ['web[7,4]x', 1, false, ['web0007x']],
    ['web[]', 1, false, ['web000000']],
    ['web[,2]', 2, false, ['web00', 'web01']],
    ['web[99,1]', 1, false, ['web000099']],
    ['web[9,3]', 2, true, ['web009', 'web010']],
    ['web[x]', 1, false, ['web[x]']],
  ])('%s for %i, suffix %s', (name, count, suffix, expected) => {
    expect(expandName(name, count, suffix)).toEqual(expected)
  })
})

test.each(['a', '1ab', 'http://x', 'a b', 'x'.repeat(129)])('the instance name "%s" is refused', (name) => {
  expect(() => checkInstanceName(name)).toThrowError(/InstanceName/)
})

test.each(['ab', '名字', 'web-1.example_x'])('the instance name "%s" is accepted', (name) => {
  expect(() => checkInstanceName(name)).not.toThrow()
})

test.each(['a', '-ab', 'ab-', 'a..b', 'a--b', 'a_b', 'x'.repeat(65)])('the host name "%s" is refused', (name) => {
  expect(() => checkHostName(name)).toThrowError(/HostName/)
})

test('the default host name of an instance is a host name', () => {
  expect(() => checkHostName(defaultHostName('i-0123456789abcdefghij'))).not.toThrow()
})
