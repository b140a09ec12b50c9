/** A control plane as a program: started, reachable for the command line, stopped by signal or by request. */

import { readOverview } from '@pileus/ecs/tables/overview'
import { keepMemoryOutOfCoreDumps } from '@pileus/kernel/core-dumps'
import type { SyncRequest } from '@pileus/kernel/fabric/machines'
import type { Log } from '@pileus/kernel/log'
import type { UnlockSecrets } from '@pileus/kernel/region-key-file'
import { type AcceptRequest, acceptSnapshot } from './accept-snapshot.ts'
import type { CloudConfig, ReadyBlock } from './config.ts'
import { listenForControl } from './control-listener.ts'
import { buildImagesInBackground, ensureMicro, parseImageNames } from './image-builds.ts'
import type { Interrupted } from './interrupted.ts'
import { listMachines } from './leftovers.ts'
import { startCloud } from './start.ts'
import type { CloudStatus } from './status.ts'

/** How long a start waits for the host agent, which goes on starting after that. */
const firstReportTimeoutMs = 60_000

export interface RunOptions {
  log: Log
  controlSocket: string
  /** Images to build when they are missing, separated by commas. */
  images: string
  onProgress(step: string): void
  unlockSecrets?: UnlockSecrets
  /** Ends the cloud, or gives its start up, with `Interrupted` as its reason. */
  signal: AbortSignal
  /** Once aborted, nothing is started any more. */
  forced: AbortSignal
}

export interface RunningProgram {
  ready: ReadyBlock
  /** Settles when the cloud has stopped. */
  stopped: Promise<void>
}

/** @throws Interrupted when `signal` is aborted before the cloud is ready; then nothing of it is left */
export async function runCloud(config: CloudConfig, options: RunOptions): Promise<RunningProgram> {
  keepMemoryOutOfCoreDumps()
  const { log, signal } = options
  const imageNames = parseImageNames(options.images)
  const startedAt = new Date().toISOString()
  // The small image takes seconds: a cloud that is ready can start a machine.
  if (config.engine === 'qemu' && imageNames.includes('micro')) {
    await ensureMicro(config, options.onProgress, signal)
  }
  const cloud = await startCloud(config, options)
  const builds =
    config.engine === 'qemu'
      ? buildImagesInBackground({ names: imageNames, dataDir: config.dataDir, installDir: config.installDir, log })
      : undefined

  let askToStop: (machines: 'keep' | 'stop') => void = () => {}
  const asked = new Promise<'keep' | 'stop'>((resolve) => {
    askToStop = resolve
  })
  let isAsked = false
  asked.then(() => {
    isAsked = true
  })
  /** Without machines there is nothing to keep for the next start. */
  const keepsMachines = async (): Promise<boolean> =>
    (signal.reason as Interrupted).machines === 'keep' && (await listMachines(config.dataDir)).length > 0
  const heed = async (): Promise<void> => askToStop((await keepsMachines()) ? 'keep' : 'stop')
  signal.addEventListener('abort', () => void heed())
  const control = await listenForControl(
    options.controlSocket,
    {
      '/v1/ready': async () => cloud.ready,
      '/v1/status': async () => statusOf(),
      '/v1/stop': async (body) => {
        askToStop((body as { machines?: 'keep' | 'stop' }).machines ?? 'keep')
        return { pid: process.pid }
      },
      '/v1/operators': async () => cloud.services.operators.listEnrolled(),
      '/v1/operators/enroll': async (body) =>
        cloud.services.operators.enroll(String((body as { operatorId?: string }).operatorId)),
      '/v1/ram/accept-snapshot': async (body) => acceptSnapshot(cloud, body as AcceptRequest),
      '/v1/audit/export': async (body) => {
        const { directory, regionId } = body as { directory: string; regionId?: string }
        return { regionIds: await cloud.services.actiontrail.exportLogs(directory, regionId) }
      },
      '/v1/sync': (body, signal) => cloud.engine.sync(body as SyncRequest, signal),
    },
    log,
  ).catch(async (error) => {
    await cloud.stop()
    throw error
  })

  /** A cloud that is ready can start a machine: its host has said which images and how much room it has. */
  async function untilHostsReport(): Promise<void> {
    options.onProgress('starting the host agent')
    const deadline = Date.now() + firstReportTimeoutMs
    const hasReported = async (): Promise<boolean> =>
      (await readOverview(cloud.store.db)).hosts.some((host) => host.lastSeenAt >= startedAt)
    while (!isAsked && !signal.aborted && !(await hasReported())) {
      if (Date.now() > deadline) {
        log.warn('the host agent has not reported yet; machines start once it does')
        return
      }
      await new Promise((wake) => setTimeout(wake, 50))
    }
  }

  async function statusOf(): Promise<CloudStatus> {
    const { accessKeySecret: _, ...ready } = cloud.ready
    return {
      running: true,
      ready,
      startedAt,
      ...(await readOverview(cloud.store.db)),
      reconcilers: cloud.reconcilers.statuses(),
      damaged: await cloud.services.oss.listDamagedObjects(20),
      calls: Object.fromEntries(cloud.callCounts()),
      work: builds?.describe() ?? [],
    }
  }

  async function stop(machines: 'keep' | 'stop'): Promise<void> {
    log.info({ machines }, 'stopping')
    await builds?.stop()
    await cloud.stop({ machines })
    control.close()
    control.closeAllConnections()
  }

  try {
    if (config.engine === 'qemu') await untilHostsReport()
    signal.throwIfAborted()
  } catch (error) {
    await stop(signal.aborted && (await keepsMachines()) ? 'keep' : 'stop')
    throw error
  }
  return {
    ready: cloud.ready,
    stopped: asked.then(stop),
  }
}
