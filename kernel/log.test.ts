import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLog } from './log.ts'

test('a log keeps its last files, and every line is in one piece', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pileus-log-'))
  try {
    const log = createLog({ name: 'test', level: 'info', file: join(directory, 'logs', 'cloud.log'), maxBytes: 2_000 })
    for (let n = 0; n < 200; n += 1) log.info({ n }, 'a line')
    const names = readdirSync(join(directory, 'logs')).sort()
    expect(names).toEqual(['cloud.log', 'cloud.log.1', 'cloud.log.2', 'cloud.log.3', 'cloud.log.4'])
    const lines = [...names.slice(1).reverse(), 'cloud.log'].flatMap((name) => {
      const path = join(directory, 'logs', name)
      expect(statSync(path).size).toBeLessThan(2_200)
      return readFileSync(path, 'utf8').trim().split('\n').filter(Boolean)
    })
    const numbers = lines.map((line) => JSON.parse(line).n as number)
    expect(numbers.at(-1)).toBe(199)
    expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
