/** The log of a cloud that ran, checked as its operator does, and as a customer can. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packBundle, unpackBundle } from '@pileus/kernel/audit/tiles'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { check, checkpoint, proof, verify } from './commands/audit.ts'

let cloud: TestCloud
let directory: string
let logFolder: string
let url: string
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'pileus-audit-'))
  cloud = await startTestCloud()
  logFolder = join(cloud.running.ready.dataDir, 'audit', 'cn-hangzhou')
  url = `http://${cloud.endpoint}/.pileus/audit/cn-hangzhou`
  for (let n = 0; n < 300; n += 25) {
    await Promise.all(Array.from({ length: 25 }, () => cloud.call('Ecs', 'DescribeRegions')))
  }
  await untilPublished(300)
})
afterAll(async () => {
  await cloud?.[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true, force: true })
})

async function untilPublished(size: number): Promise<void> {
  await cloud.eventually(`${size} published entries`, async () => {
    const { out } = await printed(() => checkpoint({ dir: logFolder })).catch(() => ({ out: '' }))
    return Number(out.split('\n')[1]) >= size
  })
}

/** What a command prints, and how it would exit. */
async function printed(command: () => void | Promise<void>): Promise<{ out: string; code: number }> {
  let out = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text
    return true
  })
  try {
    await command()
    return { out, code: Number(process.exitCode ?? 0) }
  } finally {
    write.mockRestore()
    process.exitCode = 0
  }
}

const keep = (name: string, text: string): string => {
  const file = join(directory, name)
  writeFileSync(file, text)
  return file
}

test('a log is verified from its files, from a web server, and from the database', async () => {
  const saved = join(directory, 'saved')
  const first = await printed(() => verify({ dir: logFolder, save: saved }))
  expect(first).toEqual({ out: expect.stringMatching(/\d{3} entries, as they were signed by the key/), code: 0 })
  const key = (await printed(() => checkpoint({ dir: logFolder, verifierKey: true }))).out.trim()

  await cloud.call('Ecs', 'DescribeRegions')
  await untilPublished(Number(readFileSync(saved, 'utf8').split('\n')[1]) + 1)
  const later = await printed(() => verify({ url, key, since: [saved], json: true }))
  expect(later.code).toBe(0)
  expect(JSON.parse(later.out)).toMatchObject([{ place: url, key: 'given', findings: [], origin: key.split('+')[0] }])

  const out = join(directory, 'export')
  expect(await cloud.running.services.actiontrail.exportLogs(out)).toContain('cn-hangzhou')
  expect((await printed(() => verify({ dir: join(out, 'cn-hangzhou'), key, since: [saved] }))).code).toBe(0)
})

test('a row that was changed in the database shows in its export, by the number of the entry', async () => {
  const { pool } = cloud.running.store
  await pool.query(`update actiontrail.entries set body = replace(body, 'Describe', 'Destroy')
    where region_id = 'cn-hangzhou' and index = 17`)
  const out = join(directory, 'changed')
  await cloud.running.services.actiontrail.exportLogs(out, 'cn-hangzhou')
  const { out: text, code } = await printed(() => verify({ dir: join(out, 'cn-hangzhou') }))
  expect([code, text]).toEqual([2, expect.stringContaining('entry 17: it was changed (tile/entries/000)')])
  await pool.query(`update actiontrail.entries set body = replace(body, 'Destroy', 'Describe')
    where region_id = 'cn-hangzhou' and index = 17`)
})

test('a published entry that was dropped is found, and the files are not written over by the next calls', async () => {
  const bundle = join(logFolder, 'tile/entries/000')
  const whole = readFileSync(bundle)
  writeFileSync(bundle, packBundle(unpackBundle(whole).toSpliced(5, 1)))
  const { out, code } = await printed(() => verify({ data: cloud.running.ready.dataDir, region: 'cn-hangzhou' }))
  expect([code, out]).toEqual([2, expect.stringContaining('entry 5: it was dropped')])
  writeFileSync(bundle, whole)
})

test('a customer proves an event with what everybody may see', async () => {
  const { body } = await cloud.call('Ecs', 'DescribeZones')
  const event = await cloud.eventually('the event', async () => {
    const found = await cloud.call('Actiontrail', 'LookupEvents', {
      'LookupAttribute.1.Key': 'EventName',
      'LookupAttribute.1.Value': 'DescribeZones',
    })
    return found.body.Events.find((one: { requestId: string }) => one.requestId === body.RequestId)
  })
  const place = await cloud.eventually('its place', async () => {
    const answer = await fetch(`${url}/events/${event.eventId}`)
    return answer.ok && (await answer.text()).trim()
  })
  await untilPublished(Number(place) + 1)
  const files = {
    proof: keep('event.tlog-proof', (await printed(() => proof({ url, index: place }))).out),
    key: (await printed(() => checkpoint({ url, verifierKey: true }))).out.trim(),
  }
  const eventFile = keep('event.json', JSON.stringify(event, null, 2))
  const good = await printed(() => check({ ...files, event: eventFile }))
  expect(good).toEqual({ out: expect.stringContaining(`the event is entry ${place} of pileus.audit/`), code: 0 })
  const forged = keep('forged.json', JSON.stringify({ ...event, sourceIpAddress: '10.9.8.7' }))
  const bad = await printed(() => check({ ...files, event: forged }))
  expect(bad).toEqual({ out: expect.stringContaining('NOT proved'), code: 2 })
})

test('entries, which tell of all customers, are shown to nobody', async () => {
  const status = async (path: string) => (await fetch(`http://${cloud.endpoint}/.pileus/audit/${path}`)).status
  expect(await status('cn-hangzhou/checkpoint')).toBe(200)
  expect(await status('cn-hangzhou/tile/0/000')).toBe(200)
  for (const hidden of ['tile/entries/000', '../cn-hangzhou/tile/entries/000', '%2e%2e/keys/root.key', 'tile/9/000']) {
    expect(await status(`cn-hangzhou/${hidden}`)).toBe(404)
  }
})

test('what cannot be checked is told apart from what was tampered with', async () => {
  await expect(verify({ dir: join(directory, 'nowhere') })).rejects.toThrow('no verifier key beside it')
  await expect(verify({ dir: logFolder, key: 'nonsense' })).rejects.toThrow('a verifier key is')
  await expect(verify({ url: 'http://127.0.0.1:9' })).rejects.toThrow('cannot read http://127.0.0.1:9/')
  await expect(proof({ dir: logFolder, index: '999999' })).rejects.toThrow('--index must be from 0 to')
})
