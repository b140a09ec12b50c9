import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addGeneration, changeKeeping } from './region-key-file.ts'
import { generationOf, openRegionKeys, RegionSealedError } from './region-keys.ts'

const none = { find: () => undefined }
const always = (secret: string) => ({ find: () => secret })
const hangzhou = 'cn-hangzhou'
let directory: string
const fileOf = (regionId = hangzhou) => join(directory, `${regionId}.key`)
const open = (secrets: { find(regionId: string): string | undefined } = none) =>
  openRegionKeys({ directory, regionIds: [hangzhou, 'eu-central-1'], secrets })

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pileus-region-keys-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

test('a region’s key is made when it is first needed, for its owner alone, and opens what it sealed', async () => {
  const keys = await open()
  expect(keys.state(hangzhou)).toEqual({ kind: 'unused' })
  const box = keys.seal(hangzhou, Buffer.from('secret'), 'of this')
  expect(statSync(fileOf()).mode & 0o777).toBe(0o600)
  expect(String((await open()).open(hangzhou, box, 'of this'))).toBe('secret')
  expect(() => keys.open(hangzhou, box, 'of that')).toThrow('altered')
  expect(() => keys.open('eu-central-1', box, 'of this')).toThrow('altered')
  const altered = Buffer.from(box)
  altered[altered.length - 1]! ^= 1
  expect(() => keys.open(hangzhou, altered, 'of this')).toThrow('altered')
})

test('with a passphrase the file alone opens nothing, and other regions go on', async () => {
  const keys = await open()
  const box = keys.seal(hangzhou, Buffer.from('secret'), 'x')
  const before = JSON.parse(readFileSync(fileOf(), 'utf8')).keys[1]
  await changeKeeping(fileOf(), hangzhou, none, { provider: 'passphrase', passphrase: 'correct horse' })
  expect(readFileSync(fileOf(), 'utf8')).not.toContain(before)
  const locked = await open()
  expect(locked.state(hangzhou)).toMatchObject({ kind: 'sealed', provider: 'passphrase' })
  expect(() => locked.open(hangzhou, box, 'x')).toThrow(RegionSealedError)
  expect(() => locked.seal(hangzhou, Buffer.from('y'), 'x')).toThrow(RegionSealedError)
  expect(locked.seal('eu-central-1', Buffer.from('y'), 'x').length).toBeGreaterThan(40)
  const wrong = await open(always('wrong horse'))
  expect(wrong.state(hangzhou)).toMatchObject({ reason: expect.stringContaining('not the right one') })
  expect(String((await open(always('correct horse'))).open(hangzhou, box, 'x'))).toBe('secret')
})

test('a new generation seals; the older one opens until it is removed', async () => {
  const keys = await open()
  const old = keys.seal(hangzhou, Buffer.from('old'), 'x')
  expect(await addGeneration(fileOf(), hangzhou, none)).toBe(2)
  await keys.refresh()
  expect(keys.state(hangzhou)).toEqual({ kind: 'open', provider: 'file', generation: 2, hasOlder: true })
  const fresh = keys.seal(hangzhou, Buffer.from('new'), 'x')
  expect([generationOf(old), generationOf(fresh)]).toEqual([1, 2])
  expect(String(keys.open(hangzhou, old, 'x'))).toBe('old')
  await keys.dropOldGenerations(hangzhou)
  expect(keys.state(hangzhou)).toMatchObject({ hasOlder: true })
  const yesterday = new Date(Date.now() - 26 * 3_600_000)
  utimesSync(fileOf(), yesterday, yesterday)
  await keys.dropOldGenerations(hangzhou)
  expect(keys.state(hangzhou)).toMatchObject({ generation: 2, hasOlder: false })
  expect(() => keys.open(hangzhou, old, 'x')).toThrow(RegionSealedError)
  expect(String(keys.open(hangzhou, fresh, 'x'))).toBe('new')
})

test('what another process sealed under a newer generation opens at once', async () => {
  const [one, other] = [await open(), await open()]
  one.seal(hangzhou, Buffer.from('x'), 'x')
  other.seal(hangzhou, Buffer.from('x'), 'x')
  await addGeneration(fileOf(), hangzhou, none)
  await one.refresh()
  const box = one.seal(hangzhou, Buffer.from('secret'), 'x')
  expect(String(other.open(hangzhou, box, 'x'))).toBe('secret')
})

test('a damaged file seals its region and says so', async () => {
  mkdirSync(directory, { recursive: true })
  writeFileSync(fileOf(), '{"version":1')
  const keys = await open()
  expect(keys.state(hangzhou)).toMatchObject({ kind: 'sealed', reason: expect.stringContaining('backup') })
})

const softhsm = '/usr/lib/softhsm/libsofthsm2.so'
const hasToken = ['softhsm2-util', 'pkcs11-tool'].every((name) => spawnSync(name, ['--version']).error === undefined)

describe.skipIf(!hasToken)('a token (needs softhsm2 and opensc)', () => {
  test('unlocks with its PIN, and the key never leaves it', async () => {
    const tokens = join(directory, 'tokens')
    mkdirSync(tokens)
    const config = join(directory, 'softhsm2.conf')
    writeFileSync(config, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`)
    process.env['SOFTHSM2_CONF'] = config
    try {
      const pin = '1234'
      const quiet = { stdio: 'ignore' } as const
      const slot = ['--init-token', '--free', '--label', 'pileus', '--so-pin', '0000', '--pin', pin]
      execFileSync('softhsm2-util', slot, quiet)
      const where = ['--module', softhsm, '--token-label', 'pileus', '--label', 'root']
      const pair = ['--login', '--pin', pin, '--keypairgen', '--key-type', 'rsa:2048', '--id', '01']
      execFileSync('pkcs11-tool', [...where, ...pair], quiet)
      const read = ['--read-object', '--type', 'pubkey', '--output-file', join(directory, 'public.der')]
      execFileSync('pkcs11-tool', [...where, ...read], quiet)
      const der = ['pkey', '-pubin', '-inform', 'DER', '-in', join(directory, 'public.der')]
      const publicKey = execFileSync('openssl', der, { encoding: 'utf8' })
      const keys = await open()
      const box = keys.seal(hangzhou, Buffer.from('secret'), 'x')
      const token = { module: softhsm, tokenLabel: 'pileus', keyLabel: 'root' }
      await changeKeeping(fileOf(), hangzhou, none, { provider: 'pkcs11', publicKey, ...token })
      expect((await open()).state(hangzhou)).toMatchObject({ kind: 'sealed', provider: 'pkcs11' })
      expect((await open(always('9999'))).state(hangzhou)).toMatchObject({ kind: 'sealed' })
      const unlocked = await open(always(pin))
      expect(unlocked.state(hangzhou)).toMatchObject({ kind: 'open', provider: 'pkcs11' })
      expect(String(unlocked.open(hangzhou, box, 'x'))).toBe('secret')
    } finally {
      delete process.env['SOFTHSM2_CONF']
    }
  })
})
