import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { acceptSnapshot } from '@pileus/cloud/accept-snapshot'
import { systemClock } from '@pileus/kernel/clock'
import type { AccountId } from '@pileus/kernel/ids'
import { silentLog } from '@pileus/kernel/log'
import { answers } from '@pileus/kernel/store/answers'
import { openStore } from '@pileus/kernel/store/store'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRamService } from '../service.ts'
import { createFallback, isUnreachable } from './fallback.ts'
import { findSnapshotFault } from './health.ts'
import { createRegionCopy } from './region-copy.ts'
import { rollOut } from './roll-out.ts'
import { contentOf, judgeSnapshot, openSnapshot, type SignedSnapshot, signSnapshot } from './snapshot.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const madeAt = new Date('2026-03-01T00:00:00Z')
const accountId = '1234567890123456' as AccountId

function snapshotOf(version: number, keys: number, key = privateKey): SignedSnapshot {
  const credentials = new Map(
    Array.from({ length: keys }, (_, index) => [
      `LTAI${index}`,
      { accountId, sealedSecret: Buffer.from([index]), status: 'Active' as const, user: undefined },
    ]),
  )
  return signSnapshot(key, { version, madeAt, content: contentOf({ credentials, policies: new Map() }) })
}

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'pileus-snapshots-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe('a snapshot', () => {
  test('is read as it was made', () => {
    const document = '{"Version":"1","Statement":[]}'
    const attached = { policyType: 'Custom', policyName: 'p', document, version: 2, attachedTo: 'group' } as const
    const system = { policyType: 'System', policyName: 's', document: undefined, version: undefined } as const
    const user = { userId: '21', userName: 'alice' }
    const source = {
      credentials: new Map([
        ['LTAI1', { accountId, sealedSecret: Buffer.from('x'), status: 'Active' as const, user }],
        ['LTAI0', { accountId, sealedSecret: Buffer.from('y'), status: 'Inactive' as const, user: undefined }],
      ]),
      policies: new Map([
        [`${accountId}/21`, [attached, { ...system, attachedTo: 'user' as const }]],
        [`${accountId}/31`, [attached]],
      ]),
    }
    const content = contentOf(source)
    expect(content.documents).toEqual([document])
    expect(openSnapshot(publicKey, signSnapshot(privateKey, { version: 7, madeAt, content }))).toEqual({
      version: 7,
      madeAt,
      ...source,
    })
  })

  test('is refused when home did not sign it, when it is old, and when it shrank suspiciously', () => {
    const before = openSnapshot(publicKey, snapshotOf(5, 20))
    const reasonOf = (signed: SignedSnapshot) => {
      const judgement = judgeSnapshot(publicKey, signed, before)
      return judgement.kind === 'refused' ? judgement.reason : 'taken'
    }
    const other = generateKeyPairSync('ed25519').privateKey
    const good = snapshotOf(6, 20)
    expect(reasonOf(good)).toBe('taken')
    expect(reasonOf(snapshotOf(6, 20, other))).toContain('signature')
    expect(reasonOf({ ...good, payload: good.payload.replace('LTAI3', 'LTAI9') })).toContain('signature')
    expect(reasonOf(snapshotOf(5, 20))).toContain('version')
    expect(reasonOf(snapshotOf(4, 40))).toContain('version')
    expect(reasonOf(snapshotOf(6, 9))).toContain('suspiciously few')
    expect(reasonOf(snapshotOf(6, 10))).toBe('taken')
    const few = openSnapshot(publicKey, snapshotOf(5, 4))
    expect(judgeSnapshot(publicKey, snapshotOf(6, 1), few).kind).toBe('taken')
    expect(judgeSnapshot(publicKey, snapshotOf(6, 1), before, true).kind).toBe('taken')
    expect(judgeSnapshot(publicKey, snapshotOf(5, 1), before, true).kind).toBe('refused')
  })
})

describe('a roll-out', () => {
  const regions = ['one', 'two', 'three']
  const versionsOf = (copies: ReturnType<typeof createRegionCopy>[]) => copies.map((copy) => copy.current()?.version)

  test('goes on region by region, and stops before the next where a region is not well', async () => {
    const copies = regions.map((regionId) => createRegionCopy(directory, regionId, publicKey))
    expect(await rollOut(copies, snapshotOf(1, 20), () => undefined, silentLog)).toEqual({
      kind: 'done',
      regions,
    })
    const asked: string[] = []
    const outcome = await rollOut(
      copies,
      snapshotOf(2, 20),
      (_snapshot, regionId) => {
        asked.push(regionId)
        return regionId === 'two' ? 'it is not well' : undefined
      },
      silentLog,
    )
    expect(outcome).toEqual({ kind: 'stopped', regionId: 'two', reason: 'it is not well' })
    expect(asked).toEqual(['one', 'two'])
    expect(versionsOf(copies)).toEqual([2, 1, 1])
    // The disk says the same.
    const again = regions.map((regionId) => createRegionCopy(directory, regionId, publicKey))
    for (const copy of again) await copy.load()
    expect(versionsOf(again)).toEqual([2, 1, 1])
  })

  test('an altered file on the disk is as none', async () => {
    const copy = createRegionCopy(directory, 'four', publicKey)
    await copy.take(snapshotOf(1, 3))
    const file = join(directory, 'four.json')
    writeFileSync(file, readFileSync(file, 'utf8').replace('LTAI2', 'LTAI8'))
    const again = createRegionCopy(directory, 'four', publicKey)
    await again.load()
    expect(again.current()).toBeUndefined()
  })
})

describe('with home cut off', () => {
  let cloud: TestCloud
  beforeAll(async () => {
    cloud = await startTestCloud()
  })
  afterAll(async () => cloud?.[Symbol.asyncDispose]())

  test('a region goes on authenticating and authorising as it did', async () => {
    const ok = async (action: string, parameters: Record<string, string>) => {
      const { status, body } = await cloud.call('Ram', action, parameters)
      expect([action, status]).toEqual([action, 200])
      return body
    }
    const { User } = await ok('CreateUser', { UserName: 'u' })
    await ok('CreateGroup', { GroupName: 'g' })
    await ok('AddUserToGroup', { UserName: 'u', GroupName: 'g' })
    const Statement = [{ Effect: 'Allow', Action: 'ecs:Describe*', Resource: '*' }]
    await ok('CreatePolicy', { PolicyName: 'p', PolicyDocument: JSON.stringify({ Version: '1', Statement }) })
    await ok('AttachPolicyToGroup', { GroupName: 'g', PolicyName: 'p', PolicyType: 'Custom' })
    const { AccessKey } = await ok('CreateAccessKey', { UserName: 'u' })
    await cloud.running.reconcilers.passAll()

    const { secretBox } = cloud.running
    const away = openStore({
      connection: { connectionString: 'postgres://nobody@127.0.0.1:9/none' },
      maxConnections: 1,
      log: silentLog,
    })
    const region = createRamService({
      store: away,
      secretBox,
      clock: systemClock,
      wakes: { on: () => () => {} },
      log: silentLog,
      snapshots: { directory: join(cloud.running.ready.dataDir, 'ram-snapshots'), regionIds: ['cn-hangzhou'] },
    })
    try {
      const lookup = await region.credentials.findCredential(AccessKey.AccessKeyId, undefined)
      expect(lookup).toMatchObject({ kind: 'found', secret: AccessKey.AccessKeySecret })
      if (lookup.kind !== 'found') throw new Error('the key is not known')
      expect(lookup.principal).toMatchObject({ kind: 'user', userId: User.UserId, userName: 'u' })
      expect(await region.credentials.findCredential('LTAInobody', undefined)).toEqual({ kind: 'unknown' })
      const ask = async (action: string) => {
        const question = { principal: lookup.principal, action, resources: ['acs:ecs:*:1:*'], conditions: {} }
        return (await region.authorizer.authorize(question)).kind
      }
      expect(await ask('ecs:DescribeInstances')).toBe('allowed')
      expect(await ask('ecs:DeleteInstance')).toBe('denied')
    } finally {
      region.close()
      await away.close()
    }
  })

  test('nothing changes while nothing at home does, and what is kept holds no secret', async () => {
    const file = join(cloud.running.ready.dataDir, 'ram-snapshots', 'cn-hangzhou.json')
    await cloud.running.reconcilers.passAll()
    const before = readFileSync(file, 'utf8')
    await cloud.running.reconcilers.passAll()
    expect(readFileSync(file, 'utf8')).toBe(before)
    expect(before).toContain(cloud.accessKeyId)
    expect(before).not.toContain(cloud.accessKeySecret)
  })

  test('a snapshot whose secrets do not open, or whose policies cannot be read, is not well', () => {
    const { secretBox } = cloud.running
    const sealed = (id: string) => secretBox.seal('s', id)
    const credential = (id: string) =>
      ({ accountId, sealedSecret: sealed(id), status: 'Active', user: undefined }) as const
    const snapshot = { version: 1, madeAt, credentials: new Map([['a', credential('a')]]), policies: new Map() }
    expect(findSnapshotFault(secretBox, snapshot)).toBeUndefined()
    const swapped = new Map([['a', credential('b')]])
    expect(findSnapshotFault(secretBox, { ...snapshot, credentials: swapped })).toContain('does not open')
    const broken = { policyType: 'Custom', policyName: 'p', document: '{', version: 1, attachedTo: 'user' } as const
    expect(findSnapshotFault(secretBox, { ...snapshot, policies: new Map([['x', [broken]]]) })).toContain('policy')
  })

  test('an operator lets copies follow when principals are gone on purpose, which the trail tells', async () => {
    const users = Array.from({ length: 8 }, (_, index) => `leaving-${index}`)
    const keyIds = new Map<string, string[]>()
    for (const UserName of users) {
      await cloud.call('Ram', 'CreateUser', { UserName })
      const made = [await cloud.call('Ram', 'CreateAccessKey', { UserName })]
      made.push(await cloud.call('Ram', 'CreateAccessKey', { UserName }))
      keyIds.set(
        UserName,
        made.map(({ body }) => body.AccessKey.AccessKeyId),
      )
    }
    const { running } = cloud
    const problem = () => running.reconcilers.statuses().find((one) => one.name === 'ram.snapshots')?.error
    await running.reconcilers.passAll()
    expect(problem()).toBeUndefined()
    expect(await acceptSnapshot(running, { by: 'nobody' })).toEqual({ heldBack: undefined, isAccepted: false })
    // At once, so that no pass sees some of it: copies follow what becomes fewer little by little.
    const gone = [...keyIds.values()].flat()
    await running.store.pool.query('delete from ram.access_keys where access_key_id = any($1)', [gone])
    await running.reconcilers.passAll()
    expect(problem()).toContain('run: pileus ram accept-snapshot')
    const file = join(running.ready.dataDir, 'ram-snapshots', 'cn-hangzhou.json')
    const deleted = keyIds.get('leaving-0')?.[0] ?? ''
    expect(readFileSync(file, 'utf8')).toContain(deleted)

    const { heldBack } = await acceptSnapshot(running, { by: 'admin' })
    expect(heldBack).toMatchObject({ regionIds: running.ready.regions })
    expect((heldBack?.has ?? 0) * 2).toBeLessThan(heldBack?.had ?? 0)
    await expect(acceptSnapshot(running, { by: 'admin', digest: 'of another moment' })).rejects.toThrow(
      'keeps its snapshot',
    )
    expect(readFileSync(file, 'utf8')).toContain(deleted)
    expect(await acceptSnapshot(running, { by: 'admin', digest: heldBack?.digest ?? '' })).toMatchObject({
      isAccepted: true,
    })
    expect(readFileSync(file, 'utf8')).not.toContain(deleted)
    await running.reconcilers.passAll()
    expect(problem()).toBeUndefined()
    const told = `select body from actiontrail.entries where body like '%AcceptSnapshot%'`
    const entries = await cloud.eventually('the trail has it', async () => {
      const { rows } = await running.store.pool.query(told)
      return rows.length > 0 && rows
    })
    expect(JSON.stringify(entries)).toContain('admin')
  })

  test('a process whose connections are busy has not lost its home', async () => {
    const poolTimeout = new Error('timeout exceeded when trying to connect')
    const snapshot = openSnapshot(publicKey, snapshotOf(3, 1))
    let [asked, isThere] = [0, true]
    let nowMs = 0
    const askHome = createFallback({
      find: async () => snapshot,
      answers: async () => {
        asked += 1
        return isThere
      },
      log: silentLog,
      nowMs: () => nowMs,
    })
    const ask = () =>
      askHome(
        () => Promise.reject(poolTimeout),
        ({ version }) => version,
      )
    const both = await Promise.allSettled([ask(), ask()])
    expect(both.map((one) => one.status === 'rejected' && one.reason.code)).toEqual([
      'ServiceUnavailable',
      'ServiceUnavailable',
    ])
    expect(asked).toBe(1)
    isThere = false
    nowMs = 10_000
    expect(await ask()).toBe(3)
    expect(asked).toBe(2)
  })

  test('whether a database answers does not depend on the pool', async () => {
    const { host, port } = { host: '127.0.0.1', port: 9 }
    const busy = openStore({
      connection: { connectionString: cloud.running.store.pool.options.connectionString ?? '' },
      maxConnections: 1,
      log: silentLog,
    })
    const held = await busy.pool.connect()
    expect(await answers(busy.pool.options, 10_000)).toBe(true)
    held.release()
    await busy.close()
    const mute = createServer(() => {}).listen(0, host)
    await once(mute, 'listening')
    for (const at of [(mute.address() as AddressInfo).port, port]) {
      const away = openStore({
        connection: { connectionString: `postgres://nobody@${host}:${at}/none` },
        maxConnections: 1,
        log: silentLog,
      })
      expect(await answers(away.pool.options, 200)).toBe(false)
      await away.close()
    }
    mute.close()
  })

  test('an answer of the database that is an error is not taken for its absence', () => {
    expect(isUnreachable(Object.assign(new Error('relation'), { code: '42P01' }))).toBe(false)
    expect(isUnreachable(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))).toBe(true)
    expect(isUnreachable(Object.assign(new Error('shutting down'), { code: '57P01' }))).toBe(true)
    expect(isUnreachable(new Error('reading', { cause: new Error('Connection terminated unexpectedly') }))).toBe(true)
  })
})
