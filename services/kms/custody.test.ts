/** What an operator relies on: root keys can be taken away and renewed, and no secret lies anywhere in the clear. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addGeneration, changeKeeping } from '@pileus/kernel/region-key-file'
import { generationOf } from '@pileus/kernel/region-keys'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'

const none = { find: () => undefined }
const region = 'cn-hangzhou'
let cloud: TestCloud
let keyFile: string

beforeAll(async () => {
  cloud = await startTestCloud()
  keyFile = join(cloud.running.ready.dataDir, 'keys', 'regions', `${region}.key`)
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

async function kms(action: string, parameters: Record<string, string> = {}) {
  const { status, body } = await cloud.call('Kms', action, parameters)
  if (status !== 200) throw new Error(`${action}: ${status} ${body.Code}: ${body.Message}`)
  return body
}

async function sealedMaterials(): Promise<{ versionId: string; sealed: Buffer }[]> {
  const { rows } = await sql<{ version_id: string; sealed_material: Buffer }>`
    select version_id, sealed_material from kms.key_versions where region_id = ${region}`.execute(
    cloud.running.store.db,
  )
  return rows.map((row) => ({ versionId: row.version_id, sealed: row.sealed_material }))
}

test('no secret of a run is in the database, the data directory or the log', async () => {
  const value = `value ${randomBytes(24).toString('base64')}`
  await kms('CreateSecret', { SecretName: 'scanned', VersionId: 'v1', SecretData: value })
  const { KeyMetadata } = await kms('CreateKey')
  const dataKey = await kms('GenerateDataKey', { KeyId: KeyMetadata.KeyId })
  await kms('CreateKey', { KeySpec: 'RSA_2048' })
  const { body } = await cloud.call('Ram', 'CreateAccessKey')
  const materials = (await sealedMaterials()).map(({ versionId, sealed }) =>
    cloud.running.regionKeys.open(region, sealed, `key version ${versionId}`),
  )
  expect(materials.length).toBeGreaterThanOrEqual(3)
  const root = Buffer.from(JSON.parse(readFileSync(keyFile, 'utf8')).keys[1], 'base64')
  const secrets = [
    Buffer.from(value),
    Buffer.from(dataKey.Plaintext, 'base64'),
    Buffer.from(body.AccessKey.AccessKeySecret),
    Buffer.from(cloud.accessKeySecret),
    root,
    ...materials,
  ]
  const spellings = secrets.flatMap((secret) => [
    secret.toString('latin1'),
    secret.toString('hex'),
    secret.toString('base64').replace(/=+$/, ''),
    secret.toString('base64url').replace(/=+$/, ''),
  ])
  const holds = (text: string) => spellings.some((spelling) => text.includes(spelling))

  const { rows: tables } = await sql<{ name: string }>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')`.execute(cloud.running.store.db)
  expect(tables.length).toBeGreaterThan(20)
  for (const { name } of tables) {
    const { rows } = await sql<{ line: string }>`select t::text as line from ${sql.raw(name)} t`.execute(
      cloud.running.store.db,
    )
    for (const { line } of rows) expect(holds(line), name).toBe(false)
  }
  const { dataDir } = cloud.running.ready
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  for (const entry of files) {
    const path = join(entry.parentPath, entry.name)
    // The one place where the root key belongs.
    if (path !== keyFile) expect(holds(readFileSync(path, 'latin1')), path).toBe(false)
  }
})

test('a new root key seals everything again, and nothing is lost', async () => {
  const { KeyMetadata } = await kms('CreateKey')
  const { CiphertextBlob } = await kms('Encrypt', { KeyId: KeyMetadata.KeyId, Plaintext: 'eA==' })
  expect(await addGeneration(keyFile, region, none)).toBe(2)
  await cloud.running.reconcilers.passAll()
  const sealed = await sealedMaterials()
  expect(sealed.map((one) => generationOf(one.sealed))).toEqual(sealed.map(() => 2))
  expect((await kms('Decrypt', { CiphertextBlob })).Plaintext).toBe('eA==')
  expect((await kms('GetSecretValue', { SecretName: 'scanned' })).SecretData).toMatch(/^value /)
})

test('a region without its root key refuses for its keys, and all else goes on', async () => {
  const { KeyMetadata } = await kms('CreateKey')
  await changeKeeping(keyFile, region, none, { provider: 'passphrase', passphrase: 'correct horse battery' })
  await cloud.running.regionKeys.refresh()
  for (const [action, parameters] of [
    ['Encrypt', { KeyId: KeyMetadata.KeyId, Plaintext: 'eA==' }],
    ['CreateKey', {}],
    ['GetSecretValue', { SecretName: 'scanned' }],
  ] as const) {
    const { status, body } = await cloud.call('Kms', action, parameters)
    expect(`${status} ${body.Code}`, action).toBe('503 Rejected.RegionSealed')
  }
  expect((await kms('DescribeKey', { KeyId: KeyMetadata.KeyId })).KeyMetadata.KeyState).toBe('Enabled')
  await kms('CreateKey', { RegionId: 'eu-central-1' })
  expect((await cloud.call('Ram', 'ListUsers')).status).toBe(200)
  expect((await cloud.call('Ecs', 'DescribeRegions')).status).toBe(200)
})
