/**
 * Starts one control plane: database, services, gateway, listeners, reconcilers, and the engine's side. The order is
 * that of what needs what; `stop` undoes it from the end.
 */
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { publicationDirectory } from '@pileus/actiontrail/service'
import type { LocalStoreOptions } from '@pileus/dataplane/objects/local-store'
import { openRegionStores } from '@pileus/dataplane/objects/region-stores'
import { s3StoreOptions } from '@pileus/dataplane/objects/s3-store'
import { createRequestListener } from '@pileus/gateway/http-server'
import { createObjectListener } from '@pileus/gateway/oss/listener'
import { createObjectPipeline } from '@pileus/gateway/oss/pipeline'
import { createPipeline, type Pipeline } from '@pileus/gateway/pipeline'
import { withPublishedLogs } from '@pileus/gateway/published-logs'
import { createRegistry, type Registry } from '@pileus/gateway/registry'
import { ensureCertificateAuthority } from '@pileus/gateway/tls/certificate-authority'
import { type Clock, systemClock } from '@pileus/kernel/clock'
import type { Log } from '@pileus/kernel/log'
import { createTranslator } from '@pileus/kernel/messages/translator'
import { createNonceSource, forgetExpired } from '@pileus/kernel/nonces'
import { type Reconciler, type ReconcilerRunner, runReconcilers } from '@pileus/kernel/reconcile'
import type { UnlockSecrets } from '@pileus/kernel/region-key-file'
import { openRegionKeys, type RegionKeys } from '@pileus/kernel/region-keys'
import { openSecretBox, type SecretBox } from '@pileus/kernel/secret-box'
import { migrate } from '@pileus/kernel/store/migrations'
import { type Store, tablesOf } from '@pileus/kernel/store/store'
import { listenForWakes, type WakeListener } from '@pileus/kernel/wake'
import { catalogues } from '@pileus/messages/catalogues'
import { ensureRootAccount, readAccessKeySecret } from '@pileus/ram/accounts'
import type { CloudConfig, ReadyBlock } from './config.ts'
import { openDatabase } from './database.ts'
import { type EngineSide, noEngineSide, startEngineSide } from './engine-side.ts'
import { type CallCounts, createCountingMeter } from './log-sinks.ts'
import { migrations } from './migrations.ts'
import { openPublicListeners, receiveConnections } from './public-listeners.ts'
import { createServices, type Services } from './services.ts'
import { readUnlockSecrets } from './unlock-secrets.ts'
import { addCounts, type ConnectionKind, startWorkers, type Workers } from './workers.ts'

export interface StartOptions {
  log: Log
  clock?: Clock
  /** Told what is being done, for people. */
  onProgress?: (step: string) => void
  /** Where agents of this machine reach the control plane. */
  controlSocket?: string
  /** Names under which clients reach this installation besides loopback. */
  extraNames?: readonly string[]
  /** For tests: a disk that fails, and a clock of its own, for the byte store. */
  objects?: Pick<LocalStoreOptions, 'disk' | 'clock' | 'renewEveryMs'>
  /** Answers requests beside the process that forked this one, which has the ports, the reconcilers and the engine. */
  isWorker?: boolean
  /** Passphrases and PINs of the regions' root keys; from the environment when not given. */
  unlockSecrets?: UnlockSecrets
  /** Gives the start up: what it has started is ended, and the call throws the signal's reason. */
  signal?: AbortSignal
  /** Once aborted, nothing is started any more. */
  forced?: AbortSignal
}

export interface RunningCloud {
  ready: ReadyBlock
  store: Store
  secretBox: SecretBox
  regionKeys: RegionKeys
  clock: Clock
  wakes: WakeListener
  registry: Registry
  services: Services
  pipeline: Pipeline
  reconcilers: ReconcilerRunner
  engine: EngineSide
  callCounts(): ReadonlyMap<string, CallCounts>
  /** Processes besides this one that answer requests. */
  workerPids(): number[]
  /** Machines and networks go on unless `machines` is `stop`. */
  stop(options?: { machines: 'keep' | 'stop' }): Promise<void>
}

export async function startCloud(config: CloudConfig, options: StartOptions): Promise<RunningCloud> {
  const { log } = options
  const clock = options.clock ?? systemClock
  const onProgress = options.onProgress ?? (() => {})
  const undo: (() => Promise<void>)[] = []
  let giveUp = async (): Promise<void> => {}
  const stopAll = async (): Promise<void> => {
    for (const step of undo.reverse()) await step().catch((error) => log.warn({ err: error }, 'stopping'))
    undo.length = 0
  }
  const goOn = (): void => options.signal?.throwIfAborted()
  try {
    goOn()
    const authorityMade = ensureCertificateAuthority(config.dataDir, { clock, extraNames: options.extraNames ?? [] })
    // It is awaited below; until then a failure must not count as unhandled.
    authorityMade.catch(() => {})
    const database = await openDatabase(config, log, onProgress, options.signal)
    undo.push(() => database.close())
    goOn()
    const { store } = database
    const secretBox = openSecretBox(join(config.dataDir, 'keys', 'root.key'))
    const unlockSecrets = options.unlockSecrets ?? readUnlockSecrets(process.env)
    const regionKeys = await openRegionKeys({
      directory: join(config.dataDir, 'keys', 'regions'),
      regionIds: config.hosted.regions.map((region) => region.id),
      secrets: unlockSecrets,
    })
    const wakes = await listenForWakes(store.pool, log)
    undo.push(() => wakes.close())
    goOn()

    await migrate(store, migrations)
    const cellId = await ensureCellId(store)
    const bytes = await openRegionStores({
      ...(config.objectStore ? s3StoreOptions(config.objectStore) : { directory: join(config.dataDir, 'objects') }),
      ...options.objects,
    })
    undo.push(() => bytes.close())
    goOn()
    let publicEndpoint = ''
    const translator = createTranslator(catalogues)
    const account = await ensureRootAccount(store, secretBox, { clock })
    const serviceHosts = (options.extraNames ?? []).map((name) => name.toLowerCase())
    const services = createServices({
      config,
      cellId,
      store,
      bytes,
      secretBox,
      regionKeys,
      clock,
      wakes,
      translator,
      log,
      publicEndpoint: () => publicEndpoint,
      ownNames: [...serviceHosts, hostname(), config.listenHost].map((name) => name.toLowerCase()),
      ownAccountId: account.accountId,
    })
    undo.push(() => services.close())
    const accessKeySecret =
      account.accessKeySecret ?? (await readAccessKeySecret(store, secretBox, account.accessKeyId))

    const registry = createRegistry(services.all.flatMap((service) => service.operations))
    const meter = createCountingMeter(log)
    const shared = {
      credentials: services.ram.credentials,
      authorizer: services.authorizer,
      residency: services.residency,
      audit: services.actiontrail.audit,
      meter,
      hosted: config.hosted,
      translator,
      clock,
      log,
    }
    const pipeline = createPipeline({ ...shared, registry, nonces: createNonceSource(store.pool), store })
    const objects = createObjectListener(
      createObjectPipeline({ ...shared, service: services.oss.objects, serviceHosts }),
      services.oss.objects,
      serviceHosts,
    )

    const authority = await authorityMade
    goOn()
    let workers: Workers | undefined
    const isWorker = options.isWorker === true
    const workerCount = isWorker ? 0 : (config.workers ?? 0)
    const { listenHost: host, httpPort, httpsPort } = config
    const onHttp = withPublishedLogs(createRequestListener(pipeline, log, objects), {
      directory: publicationDirectory(config.dataDir),
      findPlace: services.actiontrail.findPlace,
    })
    const answering = { httpPort, httpsPort, onHttp, authority, log }
    const handOver = (kind: ConnectionKind, socket: Socket): boolean => workers?.take(kind, socket) ?? false
    const listeners = isWorker
      ? await receiveConnections(answering)
      : await openPublicListeners({ ...answering, host, ...(workerCount > 0 ? { handOver } : {}) })
    undo.push(() => listeners.close())
    publicEndpoint = `${serviceHosts[0] ?? hostForUrl(config.listenHost)}:${listeners.http.port}`

    // After the listeners: a port that is taken must not leave an agent and a network behind.
    goOn()
    const { controlSocket, forced } = options
    const engine = isWorker ? noEngineSide : await startEngineSide({ config, services, controlSocket, log, forced })
    undo.push(() => engine.close())
    giveUp = () => engine.abandon()

    const own: Reconciler[] = [
      { name: 'kernel.expiry', everyMs: 60_000, wakeOn: [], pass: () => forgetExpired(store.pool, clock.now()) },
    ]
    const all = [...own, ...services.all.flatMap((service) => service.reconcilers)]
    const reconcilers = runReconcilers(isWorker ? [] : all, wakes, log)
    undo.push(() => reconcilers.stop())
    if (workerCount > 0) {
      workers = await startWorkers(
        workerCount,
        {
          config: {
            ...omitHosted(config),
            httpPort: listeners.http.port,
            httpsPort: listeners.https.port,
            databaseUrl: database.url,
            databaseConnections: Math.max(4, Math.floor(spareConnections / workerCount)),
          },
          regionIds: config.hosted.regions.map((region) => region.id),
          extraNames: options.extraNames ?? [],
          unlockSecrets: config.hosted.regions.map(({ id }) => [id, unlockSecrets.find(id)]),
        },
        log,
      )
      undo.push(async () => workers?.close())
    }
    goOn()

    const ready: ReadyBlock = {
      endpoint: `${hostForUrl(config.listenHost)}:${listeners.http.port}`,
      httpsEndpoint: `${hostForUrl(config.listenHost)}:${listeners.https.port}`,
      caFile: authority.caFile,
      caBundleFile: authority.bundleFile,
      accessKeyId: account.accessKeyId,
      accessKeySecret,
      accountId: account.accountId,
      engine: config.engine,
      engineReason: config.engineReason,
      regions: config.hosted.regions.map((region) => region.id),
      defaultRegion: config.hosted.defaultRegionId,
      dataDir: config.dataDir,
      pid: process.pid,
      namespace: config.namespace,
    }
    return {
      ready,
      store,
      secretBox,
      regionKeys,
      clock,
      wakes,
      registry,
      services,
      pipeline,
      reconcilers,
      engine,
      callCounts() {
        if (!workers) return meter.counts()
        const sum = new Map(meter.counts())
        addCounts(sum, workers.callCounts())
        return sum
      },
      workerPids: () => workers?.pids() ?? [],
      async stop({ machines } = { machines: 'keep' }) {
        try {
          if (machines === 'stop') await engine.stopMachines()
        } finally {
          await stopAll()
        }
      },
    }
  } catch (error) {
    await giveUp().catch((failure) => log.warn({ err: failure }, 'giving up'))
    await stopAll()
    throw error
  }
}

/** Connections to the embedded database that workers share; it allows 80, and this process has 20. */
const spareConnections = 48

function omitHosted({ hosted: _, ...rest }: CloudConfig): Omit<CloudConfig, 'hosted'> {
  return rest
}

/** Where clients that run on this machine reach a listener on `address`. */
function hostForUrl(address: string): string {
  if (address === '0.0.0.0' || address === '::') return '127.0.0.1'
  return address.includes(':') ? `[${address}]` : address
}

/** Names this database to agents, so that none obeys another. */
async function ensureCellId(store: Store): Promise<string> {
  const tables = tablesOf<{ 'kernel.cell': { only_row: boolean; cell_id: string } }>(store.db)
  await tables
    .insertInto('kernel.cell')
    .values({ only_row: true, cell_id: randomUUID() })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return (await tables.selectFrom('kernel.cell').select('cell_id').executeTakeFirstOrThrow()).cell_id
}
