/**
 * A control plane to be killed, for `control-plane-under-test.ts`. Its simulated hosts live elsewhere and reach it by
 * its socket, as real ones do; `/v1/die-at` chooses the moment of its end while it runs.
 */
import { readFileSync } from 'node:fs'
import type { CloudConfig } from '@pileus/cloud/config'
import { listenForControl } from '@pileus/cloud/control-listener'
import { startCloud } from '@pileus/cloud/start'
import type { SimulatedSyncRequest } from '@pileus/dataplane/simulated/simulated-hosts'
import { hostRegions } from '@pileus/kernel/hosted-regions'
import { createLog } from '@pileus/kernel/log'

export interface ProgramConfig {
  cloud: Omit<CloudConfig, 'hosted'>
  regionIds: readonly string[]
  controlSocket: string
}

const config = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ProgramConfig
const log = createLog({ name: 'control-plane', level: 'warn' })
const cloud = await startCloud({ ...config.cloud, hosted: hostRegions(config.regionIds) }, { log })
await listenForControl(
  config.controlSocket,
  {
    '/v1/ready': async () => cloud.ready,
    '/v1/worker-pids': async () => cloud.workerPids(),
    '/v1/sync-many': (body, signal) =>
      cloud.services.ecs.agents.handleSyncs(body as readonly SimulatedSyncRequest[], signal),
    '/v1/die-at': async (body) => {
      process.env['PILEUS_DIE_AT'] = String((body as { moment: number }).moment)
      return {}
    },
  },
  log,
)
