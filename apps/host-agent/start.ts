/** Joins the parts of the host agent and starts them. */
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HostAgent } from '@pileus/dataplane/agent/agent'
import { openFabricNetwork } from '@pileus/dataplane/agent/fabric-network'
import { type HostNetwork, noNetwork } from '@pileus/dataplane/agent/host-network'
import { MachineUsers } from '@pileus/dataplane/agent/machine-users'
import { Limiter } from '@pileus/dataplane/agent/waiting'
import { DiskDirectory } from '@pileus/dataplane/disks/disks'
import { findImage, type InstalledImage, listImages } from '@pileus/dataplane/images/catalog'
import { acquireFileLock } from '@pileus/dataplane/images/lock'
import { ensureKeyFile } from '@pileus/dataplane/metadata/key-file'
import { listenInNamespace } from '@pileus/dataplane/metadata/listener'
import { MetadataService } from '@pileus/dataplane/metadata/service'
import { TokenMint } from '@pileus/dataplane/metadata/tokens'
import { ensureFabric } from '@pileus/dataplane/network/host'
import { metadataAddress } from '@pileus/dataplane/network/names'
import { findNamespaceInode } from '@pileus/dataplane/network/namespaces'
import { proveKvm } from '@pileus/dataplane/qemu/accelerator'
import { ensureCgroupParent } from '@pileus/dataplane/qemu/cgroup'
import type { AvailableImage } from '@pileus/kernel/fabric/machines'
import type { Log } from '@pileus/kernel/log'
import type { HostAgentConfig } from './config.ts'

const lockTimeoutMs = 5000
const fabricCheckMs = 15_000
const heavyWorkWidth = 4

export interface RunningAgent {
  /** Stops the agent; machines run on. */
  close(): Promise<void>
}

/** Starts the agent. @throws Error when another one runs on the same data directory */
export async function startHostAgent(config: HostAgentConfig, log: Log): Promise<RunningAgent> {
  const { dataDir } = config
  await mkdir(join(dataDir, 'agent'), { recursive: true, mode: 0o700 })
  const lock = await acquireFileLock(join(dataDir, 'agent', 'lock'), AbortSignal.timeout(lockTimeoutMs)).catch(
    (cause) => {
      throw new Error(`another agent runs on ${dataDir}`, { cause })
    },
  )
  await writeFile(join(dataDir, 'agent', 'pid'), `${process.pid}\n`)
  const network = await startNetwork(config, log)
  const metadata = config.namespace === null ? undefined : await openMetadata(config, network.network, log)
  const accelerator = config.accelerator === 'auto' && (await isKvmProven(config)) ? 'kvm' : 'tcg'
  const agent = new HostAgent({
    controlUrl: config.controlUrl,
    token: config.token,
    capacity: config,
    listImages: async () => (await listImages(dataDir)).map(describeImage),
    onDesired: (machines) => metadata?.setMachines(machines),
    host: {
      dataDir,
      qemuBinary: config.qemuBinary,
      accelerator,
      users: config.firstUid === null ? undefined : new MachineUsers(config.firstUid),
      groups: accelerator === 'kvm' ? await kvmGroups() : [],
      cgroupParent: await ensureCgroupParent('pileus'),
      network: network.network,
      disks: new DiskDirectory(dataDir),
      prepareRouter: async (routerId) => await metadata?.ensure(routerId),
      findImage: (imageId) => findImage(dataDir, imageId),
      graceMs: config.graceMs,
      heavyWork: new Limiter(heavyWorkWidth),
      log,
    },
  })
  await agent.start()
  log.info({ dataDir, accelerator, namespace: config.namespace }, 'host agent started')
  return {
    async close() {
      await agent.close()
      await metadata?.close()
      network.close()
      await lock.release()
      log.info('host agent stopped; machines run on')
    },
  }
}

async function isKvmProven(config: HostAgentConfig): Promise<boolean> {
  const user = config.firstUid === null ? {} : { uid: config.firstUid, groups: await kvmGroups() }
  return await proveKvm(join(config.dataDir, 'agent', 'kvm.json'), { binary: config.qemuBinary, ...user })
}

/** The group that may open the device, which not everybody may; none where there is no such device. */
async function kvmGroups(): Promise<number[]> {
  const device = await stat('/dev/kvm').catch(() => undefined)
  return device ? [device.gid] : []
}

/** Makes the fabric run, and run again whatever of it dies. */
async function startNetwork(config: HostAgentConfig, log: Log): Promise<{ network: HostNetwork; close(): void }> {
  if (config.namespace === null) return { network: noNetwork, close: () => {} }
  const place = { namespace: config.namespace, runDir: config.fabricDir }
  const network = openFabricNetwork(await ensureFabric(place))
  const timer = setInterval(async () => {
    try {
      const { started } = await ensureFabric(place)
      if (started.length > 0) log.warn({ started }, 'parts of the fabric had died and run again')
    } catch (error) {
      log.error({ err: error }, 'the fabric does not run')
    }
  }, fabricCheckMs)
  timer.unref()
  return {
    network,
    close() {
      clearInterval(timer)
      network.close()
    },
  }
}

async function openMetadata(config: HostAgentConfig, network: HostNetwork, log: Log): Promise<MetadataService> {
  const service = new MetadataService({
    tokens: new TokenMint(await ensureKeyFile(join(config.dataDir, 'agent', 'metadata.key'))),
    ensurePort: (routerId) => network.ensureMetadataPort(routerId),
    removePort: (routerId) => network.removeMetadataPort(routerId),
    listPorts: () => network.listMetadataPorts(),
    listen: (netns) => listenInNamespace(netns, { host: metadataAddress, port: 80 }),
    findNamespaceInode,
    log,
  })
  service.start()
  return service
}

function describeImage(image: InstalledImage): AvailableImage {
  const { id, name, osName, platform, sizeGiB, createdAt, minMemoryMiB } = image
  return { id, name, osName, platform, sizeGiB, createdAt, minMemoryMiB }
}
