/**
 * What trust costs a signed call: authorization by policies, the residency gate of an account that has declared data
 * classes, and the record in the trail, against the same pipeline of stages without the three.
 */
import { randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCloud } from '@pileus/cloud/start'
import { createPipeline, type Pipeline } from '@pileus/gateway/pipeline'
import { createRegistry } from '@pileus/gateway/registry'
import { signedRpcV1, type TestKey } from '@pileus/gateway/signed-under-test'
import { systemClock } from '@pileus/kernel/clock'
import { hostRegions } from '@pileus/kernel/hosted-regions'
import { silentLog } from '@pileus/kernel/log'
import { englishOf } from '@pileus/kernel/messages/text'
import { createNonceSource } from '@pileus/kernel/nonces'
import { callRpc } from '@pileus/testkit/rpc-client'
import { compare } from './framework/compare.ts'
import { readOptions } from './framework/options.ts'

const options = readOptions({ rounds: 7, seconds: 2 })
const regionId = 'cn-hangzhou'
/** Calls under way at a time. */
const callers = 8
const statements = 100

const directory = mkdtempSync(join(tmpdir(), 'pileus-bench-'))
chmodSync(directory, 0o711)
const nobody = 65_534
const cloud = await startCloud(
  {
    dataDir: directory,
    installDir: process.env['PILEUS_ROOT'] ?? process.cwd(),
    hosted: hostRegions([regionId]),
    engine: 'simulated',
    engineReason: 'a bench asked for it',
    listenHost: '127.0.0.1',
    httpPort: 0,
    httpsPort: 0,
    databaseUrl: undefined,
    databaseUser: process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : undefined,
    hasMachineUsers: false,
    outboundAllow: [],
    namespace: 'none',
    simulatedMachines: 1,
  },
  { log: silentLog },
)
try {
  await run()
} finally {
  await cloud.stop({ machines: 'stop' })
  rmSync(directory, { recursive: true, force: true })
}

async function run(): Promise<void> {
  const { services, store } = cloud
  const key = await hire()
  const parts = {
    registry: createRegistry(services.all.flatMap((service) => service.operations)),
    credentials: services.ram.credentials,
    nonces: createNonceSource(store.pool),
    meter: { count: () => {} },
    hosted: hostRegions([regionId]),
    translator: { translate: englishOf },
    store,
    clock: systemClock,
    log: silentLog,
  }
  const full = createPipeline({
    ...parts,
    authorizer: services.authorizer,
    residency: services.residency,
    audit: services.actiontrail.audit,
  })
  const nothing = async (): Promise<void> => {}
  const bare = createPipeline({
    ...parts,
    authorizer: { authorize: () => ({ kind: 'allowed' }) },
    residency: { mayPlace: () => ({ kind: 'allowed' }), mayMove: () => ({ kind: 'allowed' }) },
    audit: {
      keepsDataEvents: () => false,
      record: nothing,
      recordIn: nothing,
      recordEvent: nothing,
      begin: async () => ({ finish: nothing }),
    },
  })
  const vpcIds = await makeVpcs()
  let n = 0
  const nextVpc = (): string => {
    n += 1
    return vpcIds[n % vpcIds.length] ?? ''
  }
  const kinds = {
    'a read, DescribeVpcs': () => ({ Action: 'DescribeVpcs' }),
    'a write, ModifyVpcAttribute': () => ({
      Action: 'ModifyVpcAttribute',
      VpcId: nextVpc(),
      VpcName: `v-${randomUUID()}`,
    }),
  }
  for (const [label, parameters] of Object.entries(kinds)) {
    const call = (): Record<string, string> => ({ ...parameters(), RegionId: regionId, Version: '2016-04-28' })
    const measure = (pipeline: Pipeline) => meanUs(pipeline, key, call)
    for (const pipeline of [full, bare]) await measure(pipeline)
    await compare({
      title: `${label}: time per call with authorization, residency and audit ÷ without them`,
      unit: 'µs',
      subject: { label: 'with', measure: () => measure(full) },
      peer: { label: 'without', measure: () => measure(bare) },
      // A quarter of the whole is a third of the rest.
      aim: { atMost: 4 / 3 },
      rounds: options.rounds,
      notes: [
        `${callers} calls at a time, without HTTP; both verify the signature and claim the nonce in PostgreSQL`,
        `a RAM user whose policy has ${statements} statements; the account has declared personal data`,
        'the record of a write is durable with the write; that of a read waits for its insert and not for the disk',
      ],
    })
  }
}

async function call(product: string, action: string, parameters: Record<string, string>) {
  const answer = await callRpc(cloud.ready.endpoint, cloud.ready, product, action, parameters)
  if (answer.status !== 200) throw new Error(`${action}: ${JSON.stringify(answer.body)}`)
  return answer.body
}

/** One for each caller, so that they wait for nobody's row. */
async function makeVpcs(): Promise<string[]> {
  const made: string[] = []
  while (made.length < callers) made.push((await call('Vpc', 'CreateVpc', { RegionId: regionId })).VpcId)
  return made
}

/** A user who may do this among much else, in an account with data classes. */
async function hire(): Promise<TestKey> {
  const Statement = Array.from({ length: statements }, (_, index) => ({
    Effect: 'Allow',
    Action: index === statements - 1 ? ['vpc:*'] : `oss:Get${index}`,
    Resource: '*',
  }))
  await call('Residency', 'TagDataClasses', { 'DataClass.1': 'personal' })
  await call('Ram', 'CreatePolicy', { PolicyName: 'p', PolicyDocument: JSON.stringify({ Version: '1', Statement }) })
  await call('Ram', 'CreateUser', { UserName: 'u' })
  await call('Ram', 'AttachPolicyToUser', { PolicyType: 'Custom', PolicyName: 'p', UserName: 'u' })
  const { AccessKey } = await call('Ram', 'CreateAccessKey', { UserName: 'u' })
  return { accessKeyId: AccessKey.AccessKeyId, accessKeySecret: AccessKey.AccessKeySecret }
}

/** Wall-clock time per call while `callers` are under way; requests are signed before the clock runs. */
async function meanUs(pipeline: Pipeline, key: TestKey, parameters: () => Record<string, string>): Promise<number> {
  const requests = Array.from({ length: 400 * options.seconds }, () => signedRpcV1(key, parameters()))
  let next = 0
  const startedMs = performance.now()
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (;;) {
        const request = requests[next]
        next += 1
        if (!request) return
        const { status, body } = await pipeline(request)
        if (status !== 200) throw new Error(`answered ${status}: ${body}`)
      }
    }),
  )
  return ((performance.now() - startedMs) * 1_000) / requests.length
}
