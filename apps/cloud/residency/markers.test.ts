/**
 * Random operations with data that some law or policy binds, and then a look at every byte: what the gate refused is
 * in no row and no file of that region. Rows and files are read past every product, so none can hide a copy.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'

const regionIds = ['eu-central-1', 'ap-southeast-1', 'cn-hangzhou', 'ap-south-1'] as const
const operationsEach = 28

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud({ regions: regionIds })
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

/** What binds an account's data, and the regions that remain to it. */
const bound: { name: string; settings: [string, Record<string, string>][]; allowed: readonly string[] }[] = [
  { name: 'free', settings: [], allowed: regionIds },
  {
    name: 'german',
    settings: [['TagDataClasses', { 'DataClass.1': 'personal', Origin: 'DE' }]],
    allowed: ['eu-central-1'],
  },
  {
    name: 'payments',
    settings: [['TagDataClasses', { 'DataClass.1': 'payment', Origin: 'IN' }]],
    allowed: ['ap-south-1'],
  },
  {
    name: 'choosy',
    settings: [['SetResidencyPolicy', { 'AllowedPlace.1': 'SG', 'AllowedPlace.2': 'cn-hangzhou' }]],
    allowed: ['ap-southeast-1', 'cn-hangzhou'],
  },
  // Without an origin it may be placed anywhere, and only India lets it leave.
  { name: 'rooted', settings: [['TagDataClasses', { 'DataClass.1': 'personal' }]], allowed: regionIds },
]

/** Where each marker was let in. */
const letIn = new Map<string, Set<string>>()
let refusals = 0

/** The same numbers on every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

class Actor {
  readonly account: TestAccount
  readonly name: string
  readonly random: (below: number) => number
  readonly buckets: { name: string; regionId: string }[] = []
  /** Markers by bucket name. */
  readonly contents = new Map<string, string[]>()
  #markers = 0
  #names = 0

  constructor(name: string, account: TestAccount, random: (below: number) => number) {
    this.name = name
    this.account = account
    this.random = random
  }

  /** Eight hex digits after the name, so that none is part of another. */
  marker(): string {
    this.#markers += 1
    return `marker-${this.name}-${(this.#markers * 0x9e3779b1).toString(16).slice(-8).padStart(8, '0')}`
  }

  pick<T>(items: readonly T[]): T {
    return items[this.random(items.length)]!
  }

  oss(regionId: string, bucket?: string) {
    return createOssClient({
      ...{ endpoint: cloud.endpoint, regionId, authorizationV4: true, ...(bucket ? { bucket } : {}) },
      accessKeyId: this.account.accessKeyId,
      accessKeySecret: this.account.accessKeySecret,
    })
  }

  async act(): Promise<void> {
    const acts = [
      this.makeBucket,
      this.putObject,
      this.putObject,
      this.appendObject,
      this.makeVpc,
      this.makeCommand,
      this.makeSecret,
    ]
    await this.pick(acts).call(this)
  }

  async makeBucket(): Promise<void> {
    this.#names += 1
    const bucket = { name: `${this.name}-${this.#names}`, regionId: this.pick(regionIds) }
    const done = await settle(() => this.oss(bucket.regionId).putBucket(bucket.name))
    if (done) this.buckets.push(bucket)
  }

  async putObject(): Promise<void> {
    const bucket = this.buckets.length > 0 ? this.pick(this.buckets) : undefined
    if (!bucket) return this.makeBucket()
    const marker = this.marker()
    const client = this.oss(bucket.regionId, bucket.name)
    const body = Buffer.from(marker.padEnd(this.random(2) === 0 ? 100 : 200_000, '.'))
    this.put(bucket, marker, await settle(() => client.put(`object-${marker}`, body)))
  }

  async appendObject(): Promise<void> {
    const bucket = this.buckets.length > 0 ? this.pick(this.buckets) : undefined
    if (!bucket) return this.makeBucket()
    const marker = this.marker()
    const client = this.oss(bucket.regionId, bucket.name)
    this.put(bucket, marker, await settle(() => client.append(`log-${marker}`, Buffer.from(marker))))
  }

  put(bucket: { name: string; regionId: string }, marker: string, done: boolean): void {
    this.note(marker, bucket.regionId, done)
    if (done) this.contents.set(bucket.name, [...(this.contents.get(bucket.name) ?? []), marker])
  }

  makeVpc(): Promise<void> {
    return this.call('Vpc', 'CreateVpc', (marker) => ({ Description: marker }))
  }

  makeCommand(): Promise<void> {
    return this.call('Ecs', 'CreateCommand', (marker) => ({
      ...{ Name: 'command', Type: 'RunShellScript', CommandContent: 'dHJ1ZQ==' },
      Description: marker,
    }))
  }

  makeSecret(): Promise<void> {
    return this.call('Kms', 'CreateSecret', (marker) => ({
      ...{ SecretName: `s-${marker}`, SecretData: 'x', VersionId: 'v1' },
      Description: marker,
    }))
  }

  async call(product: string, action: string, parameters: (marker: string) => Record<string, string>): Promise<void> {
    const marker = this.marker()
    const regionId = this.pick(regionIds)
    const { status, body } = await this.account.call(product, action, { RegionId: regionId, ...parameters(marker) })
    const code = (body as { Code?: string }).Code
    expect([undefined, 'Forbidden.Residency']).toContain(code)
    if (code) refusals += 1
    this.note(marker, regionId, status === 200)
  }

  /** Copies what is in a bucket to another region, if the gate lets it. */
  async replicate(): Promise<void> {
    for (const source of this.buckets) {
      const target = this.pick(this.buckets)
      if (target.regionId === source.regionId) continue
      const xml =
        '<ReplicationConfiguration><Rule><Action>ALL</Action><Destination>' +
        `<Bucket>${target.name}</Bucket><Location>oss-${target.regionId}</Location></Destination>` +
        '<HistoricalObjectReplication>enabled</HistoricalObjectReplication></Rule></ReplicationConfiguration>'
      const done = await settle(() => postReplication(this.oss(source.regionId, source.name), source.name, xml))
      for (const marker of this.contents.get(source.name) ?? []) this.note(marker, target.regionId, done)
    }
  }

  note(marker: string, regionId: string, isIn: boolean): void {
    const regions = letIn.get(marker) ?? new Set()
    letIn.set(marker, isIn ? regions.add(regionId) : regions)
  }
}

/** Whether it was done; only the gate may refuse. */
async function settle(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act()
    return true
  } catch (error) {
    expect((error as Error).message).toMatch(/Data may not be (placed in|replicated to)/)
    refusals += 1
    return false
  }
}

async function postReplication(client: ReturnType<Actor['oss']>, bucket: string, xml: string): Promise<void> {
  const raw = client as unknown as {
    _bucketRequestParams(method: string, bucket: string, subres: object): object
    request(params: object): Promise<{ status: number }>
  }
  const params = raw._bucketRequestParams('POST', bucket, { replication: '', comp: 'add' })
  const answer = await raw.request({ ...params, content: xml, mime: 'xml', successStatuses: [200] })
  expect(answer.status).toBe(200)
}

/** Regions in which each marker lies, and a table or file there; what has no region is under `nowhere`. */
async function findMarkers(): Promise<Map<string, Map<string, string>>> {
  const found = new Map<string, Map<string, string>>()
  const look = (text: string, regionId: string, place: string): void => {
    for (const [marker] of text.matchAll(/marker-[a-z]+-[0-9a-f]{8}/g)) {
      found.set(marker, (found.get(marker) ?? new Map()).set(regionId, place))
    }
  }
  const { pool } = cloud.running.store
  const tables = await pool.query<{ name: string; has_region: boolean; has_bucket: boolean }>(`
    select format('%I.%I', t.table_schema, t.table_name) as name,
      bool_or(c.column_name = 'region_id') as has_region, bool_or(c.column_name = 'bucket_id') as has_bucket
    from information_schema.tables t join information_schema.columns c using (table_schema, table_name)
    where t.table_type = 'BASE TABLE' and t.table_schema not in ('pg_catalog', 'information_schema') group by 1`)
  for (const { name, has_region: hasRegion, has_bucket: hasBucket } of tables.rows) {
    const region = hasRegion
      ? 'one.region_id'
      : hasBucket
        ? '(select region_id from oss.buckets b where b.bucket_id = one.bucket_id)'
        : `'nowhere'`
    const rows = await pool.query<{ region: string; text: string }>(
      `select ${region} as region, string_agg(one::text, ' ') as text from ${name} one where one::text like '%marker-%' group by 1`,
    )
    for (const row of rows.rows) look(row.text, row.region, name)
  }
  const objects = join(cloud.running.ready.dataDir, 'objects')
  for (const regionId of readdirSync(objects)) {
    for (const file of readdirSync(join(objects, regionId), { recursive: true, withFileTypes: true })) {
      if (file.isFile()) look(readFileSync(join(file.parentPath, file.name), 'latin1'), regionId, 'a file')
    }
  }
  return found
}

test('what the gate refused lies nowhere behind that border, and what it let in lies where it was let in', async () => {
  const random = randomNumbers(20_180_919)
  const actors: Actor[] = []
  for (const { name, settings } of bound) {
    const account = await cloud.newAccount()
    for (const [action, parameters] of settings) {
      const { status } = await account.call('Residency', action, parameters, { system: { Version: '2026-11-01' } })
      expect(status).toBe(200)
    }
    const actor = new Actor(name, account, random)
    actors.push(actor)
    for (let round = 0; round < operationsEach; round += 1) await actor.act()
  }
  for (const actor of actors) await actor.replicate()
  for (let round = 0; round < 3; round += 1) await cloud.running.reconcilers.passAll()

  const found = await findMarkers()
  const across: string[] = []
  for (const [marker, regions] of found) {
    for (const [region, place] of regions) {
      if (!letIn.get(marker)?.has(region)) across.push(`${marker} in ${region}, ${place}`)
    }
  }
  expect(across).toEqual([])
  // Nobody was let in where law or policy forbids it.
  for (const [marker, regions] of letIn) {
    const { allowed } = bound.find(({ name }) => marker.startsWith(`marker-${name}-`))!
    for (const region of regions) expect(allowed).toContain(region)
    // Otherwise the search proves nothing.
    for (const region of regions) expect([...(found.get(marker)?.keys() ?? [])], marker).toContain(region)
  }
  expect(refusals).toBeGreaterThan(20)
  expect([...letIn.values()].filter((regions) => regions.size > 1).length).toBeGreaterThan(0)
}, 60_000)
