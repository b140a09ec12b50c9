/** A whole cloud for one test file: real PostgreSQL, gateway and services, on free ports, with private data. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CloudConfig } from '@pileus/cloud/config'
import { type RunningCloud, startCloud } from '@pileus/cloud/start'
import type { Clock } from '@pileus/kernel/clock'
import { hostRegions } from '@pileus/kernel/hosted-regions'
import { createLog, silentLog } from '@pileus/kernel/log'
import { createAccount } from '@pileus/ram/accounts'
import { callRpc, type RpcAnswer, type RpcCredentials } from './rpc-client.ts'
import { createSdkClients, type SdkClients } from './sdk-clients.ts'
import { createTestDatabase } from './test-database.ts'

export interface TestCloudOptions {
  /** Regions to serve; a few by default, so that starts are quick. */
  regions?: readonly string[]
  clock?: Clock
  /** Simulated physical machines. */
  machines?: number
  /** What callbacks may reach besides the public network; nothing by default. */
  outboundAllow?: readonly string[]
  /** Shows the log of the control plane. */
  verbose?: boolean
}

export interface TestAccount extends SdkClients {
  accountId: string
  accessKeyId: string
  accessKeySecret: string
  /** One RPC call signed by hand, for what the SDKs cannot say. Errors are answers too. */
  call(
    product: string,
    action: string,
    parameters?: Record<string, string>,
    how?: Partial<RpcCredentials>,
  ): Promise<RpcAnswer>
}

export interface TestCloud extends TestAccount, AsyncDisposable {
  running: RunningCloud
  /** `127.0.0.1:<port>`. */
  endpoint: string
  regionId: string
  /** Another tenant with a root key of its own. */
  newAccount(): Promise<TestAccount>
  /** SDK clients and `call` for any key. */
  as(key: { accessKeyId: string; accessKeySecret: string; securityToken?: string }): TestAccount
  /** Waits until `probe` gives something, looking again as reconcilers pass. @throws Error after `timeoutMs`. */
  eventually<T>(what: string, probe: () => Promise<T | undefined | false>, timeoutMs?: number): Promise<T>
}

export const testRegions = ['cn-hangzhou', 'ap-southeast-1', 'eu-central-1'] as const

export async function startTestCloud(options: TestCloudOptions = {}): Promise<TestCloud> {
  const dataDir = mkdtempSync(join(tmpdir(), 'pileus-test-'))
  const database = await createTestDatabase('migrated')
  const config: CloudConfig = {
    dataDir,
    installDir: process.cwd(),
    hosted: hostRegions(options.regions ?? testRegions),
    engine: 'simulated',
    engineReason: 'a test asked for it',
    listenHost: '127.0.0.1',
    httpPort: 0,
    httpsPort: 0,
    databaseUrl: database.url,
    databaseUser: undefined,
    hasMachineUsers: false,
    namespace: 'none',
    simulatedMachines: options.machines ?? 1,
    outboundAllow: options.outboundAllow ?? [],
  }
  const log = options.verbose ? createLog({ name: 'test-cloud', level: 'debug' }) : silentLog
  const running = await startCloud(config, { log, ...(options.clock ? { clock: options.clock } : {}) })
  const { endpoint, accountId, accessKeyId, accessKeySecret, defaultRegion } = running.ready
  const as = (
    key: { accessKeyId: string; accessKeySecret: string; securityToken?: string },
    id = accountId,
  ): TestAccount =>
    // Not spread, which would load all the packages.
    Object.assign(createSdkClients({ endpoint, regionId: defaultRegion, ...key }), {
      accountId: id,
      accessKeyId: key.accessKeyId,
      accessKeySecret: key.accessKeySecret,
      call: (
        product: string,
        action: string,
        parameters: Record<string, string> = {},
        how: Partial<RpcCredentials> = {},
      ): Promise<RpcAnswer> => callRpc(endpoint, { ...key, ...how }, product, action, parameters),
    })
  const own: Omit<TestCloud, keyof TestAccount> = {
    running,
    endpoint,
    regionId: defaultRegion,
    as,
    async newAccount() {
      const account = await createAccount(running.store, running.secretBox, { clock: running.clock })
      return as(account, account.accountId)
    },
    async eventually(what, probe, timeoutMs = 15_000) {
      const deadline = performance.now() + timeoutMs
      for (;;) {
        const found = await probe()
        if (found !== undefined && found !== false) return found
        if (performance.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs} ms`)
        await new Promise((wake) => setTimeout(wake, 20))
      }
    },
    async [Symbol.asyncDispose]() {
      await running.stop({ machines: 'stop' })
      await database.drop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
  return Object.assign(as({ accessKeyId, accessKeySecret }), own)
}
