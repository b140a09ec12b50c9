/** The product on a database of its own, without a gateway: for tests of what many callers do at once. */
import { systemClock } from '@pileus/kernel/clock'
import { SimulatedNetworkDriver } from '@pileus/kernel/fabric/simulated-network'
import { hostRegions } from '@pileus/kernel/hosted-regions'
import type { AccountId } from '@pileus/kernel/ids'
import { silentLog } from '@pileus/kernel/log'
import { kernelMigrations } from '@pileus/kernel/migrations'
import type { OperationContext } from '@pileus/kernel/operation'
import { migrate } from '@pileus/kernel/store/migrations'
import { type Db, openStore, type Store } from '@pileus/kernel/store/store'
import { wake } from '@pileus/kernel/wake'
import { createVpcService, type VpcService } from './service.ts'

export interface VpcParts extends AsyncDisposable {
  store: Store
  service: VpcService
  driver: SimulatedNetworkDriver
  /** Runs one action as the gateway does, in a transaction when it writes. */
  call(
    action: string,
    request: Record<string, unknown>,
    how?: { accountId?: string; regionId?: string },
  ): Promise<never>
}

export const testOwner = { accountId: '1000000000000001' as AccountId, regionId: 'cn-hangzhou' }

export async function startVpcParts(databaseUrl: string): Promise<VpcParts> {
  const store = openStore({ connection: { connectionString: databaseUrl }, maxConnections: 20, log: silentLog })
  const hosted = hostRegions(['cn-hangzhou', 'eu-central-1'])
  const driver = new SimulatedNetworkDriver()
  const service = createVpcService({ store, clock: systemClock, hosted, driver })
  await migrate(store, [...kernelMigrations, ...service.migrations])
  return {
    store,
    service,
    driver,
    async call(action, request, how = {}) {
      const operation = service.operations.find((candidate) => candidate.ref.name === action)
      if (!operation) throw new Error(`there is no action ${action}`)
      const owner = { ...testOwner, ...how } as typeof testOwner
      const context = (db: Db): OperationContext => ({
        ...owner,
        requestId: 'test',
        clock: systemClock,
        db,
        principal: { kind: 'root', accountId: owner.accountId, accessKeyId: 'test' },
        hosted,
        language: 'en-US',
        sourceIp: '127.0.0.1',
        endpoint: '127.0.0.1:0',
        secureTransport: false,
        log: silentLog,
        wake: (topic) => wake(db, topic),
      })
      return operation.kind === 'read'
        ? ((await operation.run(context(store.db), request)) as never)
        : ((await store.transaction((tx) => operation.run(context(tx), request))) as never)
    },
    async [Symbol.asyncDispose]() {
      await driver.close()
      await store.close()
    },
  }
}
