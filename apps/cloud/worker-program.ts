/** A worker process: takes its order and then connections from the process that forked it, and ends with it. */
import { join } from 'node:path'
import { hostRegions } from '@pileus/kernel/hosted-regions'
import { createLog } from '@pileus/kernel/log'
import { startCloud } from './start.ts'
import type { WorkerNews, WorkerOrder } from './workers.ts'

const countEveryMs = 1_000

const tell = (news: WorkerNews): void => {
  if (process.connected) process.send?.(news)
}

// An interrupt at the terminal reaches the whole group; this process ends when its parent has.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.on('SIGHUP', () => {})
let stop = async (): Promise<void> => {}
process.once('disconnect', () => void stop().finally(() => process.exit(0)))

process.once('message', (order: WorkerOrder) => {
  const { config, regionIds, extraNames } = order
  const secrets = new Map(order.unlockSecrets)
  const log = createLog({ name: 'worker', file: join(config.dataDir, 'logs', 'cloud.log') })
  startCloud(
    { ...config, hosted: hostRegions(regionIds) },
    { log, extraNames, isWorker: true, unlockSecrets: { find: (regionId) => secrets.get(regionId) } },
  ).then(
    (cloud) => {
      stop = () => cloud.stop()
      setInterval(() => tell({ is: 'counts', counts: [...cloud.callCounts()] }), countEveryMs).unref()
      tell({ is: 'ready' })
    },
    (error) => {
      log.error({ err: error }, 'a worker cannot start')
      process.exit(1)
    },
  )
})
