import { expect, test } from 'vitest'
import { parseConfig } from './config.ts'

const given = { dataDir: '/var/lib/cloud', controlUrl: 'http+unix:///run/cloud.sock' }

test('what is not given has a default', () => {
  expect(parseConfig(given)).toMatchObject({
    fabricDir: '/var/lib/cloud/fabric',
    namespace: null,
    firstUid: null,
    graceMs: 10_000,
  })
})

test.each<[string, unknown, string]>([
  ['nothing', undefined, 'not a JSON object'],
  ['no data directory', { controlUrl: 'http://127.0.0.1' }, '"dataDir" must be string'],
  ['a key nobody knows', { ...given, colour: 'blue' }, 'unknown configuration key "colour"'],
  ['a number as text', { ...given, firstUid: '64123' }, '"firstUid" must be number or null'],
  ['another engine', { ...given, engine: 'simulated' }, 'no engine "simulated"'],
])('%s is refused by name', (_name, value, message) => expect(() => parseConfig(value)).toThrow(message))
