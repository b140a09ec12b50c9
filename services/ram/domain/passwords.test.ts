import { expect, test } from 'vitest'
import { hashPassword, matchesPassword } from './passwords.ts'

test('a hash matches its own password only, and hides equal passwords', async () => {
  const [first, second] = await Promise.all([hashPassword('Correct-horse1'), hashPassword('Correct-horse1')])
  expect(first).not.toBe(second)
  expect(first).not.toContain('Correct')
  expect(await matchesPassword('Correct-horse1', first)).toBe(true)
  expect(await matchesPassword('Correct-horse2', first)).toBe(false)
  await expect(matchesPassword('x', 'plain')).rejects.toThrow('not a password hash')
})
