import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '@pileus/kernel/clock'
import { CorruptBytesError, MissingBytesError, type ScrubReport } from '@pileus/kernel/fabric/bytes'
import type { RegionBytes } from '@pileus/kernel/fabric/region-bytes'
import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import type { AccountId } from '@pileus/kernel/ids'
import type { Log } from '@pileus/kernel/log'
import { say } from '@pileus/kernel/messages/text'
import { type ObjectRequest, type ObjectService, objectError } from '@pileus/kernel/object-protocol'
import type { Service } from '@pileus/kernel/operation'
import type { OutboundHttp } from '@pileus/kernel/outbound-http'
import type { AuditSink, Authorizer, Principal, ResidencyGate } from '@pileus/kernel/ports'
import type { SecretBox } from '@pileus/kernel/secret-box'
import type { Store } from '@pileus/kernel/store/store'
import type { WakeListener } from '@pileus/kernel/wake'
import type { KmsPort } from '@pileus/kms/port'
import type { RamPort } from '@pileus/ram/port'
import { conditionsOf, createAccess } from './access.ts'
import { createAccessLogWriter } from './access-log-writer.ts'
import { createAccessTimes } from './access-times.ts'
import { rememberBuckets } from './buckets.ts'
import { callbackKeyPath, createCallbackSigner } from './callback-signer.ts'
import type { Bucket } from './domain/bucket.ts'
import type { PolicyJudge } from './domain/bucket-policy.ts'
import { corsHeaders, findCorsRule } from './domain/cors.ts'
import { header } from './domain/headers.ts'
import { rememberDomains } from './domains.ts'
import { errors } from './errors.ts'
import { createSourceFetcher, type ReadOwnHost } from './fetch-source.ts'
import { createOssPort } from './internal-writes.ts'
import { ossMigrations } from './migrations.ts'
import { createMirror } from './mirror.ts'
import { createObjectKeys } from './object-keys.ts'
import type { AskedOperation, BoundOperation, OssContext, OtherObject } from './operation.ts'
import { operations } from './operations.ts'
import type { OssPort } from './port.ts'
import { createAccessLogReconciler } from './reconcilers/access-logs.ts'
import { createFetchWorker } from './reconcilers/fetch-tasks.ts'
import { createGarbageReconciler, createSweepReconciler } from './reconcilers/garbage.ts'
import { createInventoryReconciler } from './reconcilers/inventory.ts'
import { createLifecycleReconciler } from './reconcilers/lifecycle.ts'
import { createReplicationReconciler } from './reconcilers/replication.ts'
import { createScrubber } from './reconcilers/scrub.ts'
import { createStatReconciler } from './reconcilers/stat.ts'
import { checkRequestRules } from './request-rules.ts'
import { createServiceRoles } from './service-roles.ts'
import { type DamagedObject, listDamagedObjects } from './tables/damage.ts'
import { listInventory } from './tables/inventory.ts'
import { createThrottle } from './throttle.ts'
import { slowAnswer, slowRequest } from './traffic-limit.ts'
import { asksForPage, runOnSite, servePage } from './website.ts'

export interface OssParts {
  store: Store
  bytes: RegionBytes
  clock: Clock
  hosted: HostedRegions
  wakes: Pick<WakeListener, 'on'>
  authorizer: Authorizer
  /** Asked before data goes to another region. */
  residency: ResidencyGate
  /** Wraps the data keys of encrypted objects. */
  kms: KmsPort
  /** Told of lists that could not be written. */
  audit: Pick<AuditSink, 'recordEvent'>
  /** Roles that workers act in. */
  ram: Pick<RamPort, 'findServicePrincipal'>
  /** Names that no customer may have, in lower case: each with all below it. */
  ownNames: readonly string[]
  /** The account that the installation was made with: it need not prove that domains are its own. */
  ownAccountId: AccountId
  /** Judges the statements of bucket policies. */
  judge: PolicyJudge
  log: Log
  secretBox: SecretBox
  /** For callbacks and fetching. */
  outbound: OutboundHttp
  /** How many processes answer: each has its share of limits. */
  processes: number
  findFilingLaw: OssContext['findFilingLaw']
  isFiled: OssContext['isFiled']
  /** Reads the vendor's host names, which mean this installation. */
  readVendorHost: ReadOwnHost
  /** `<host>:<port>` under which everybody reaches this installation; known once it listens. */
  publicEndpoint(): string
}

export interface OssService extends Service {
  /** What the gateway calls. */
  readonly objects: ObjectService
  readonly port: OssPort
  /** Reads everything that is stored, now, and notes what is damaged. */
  scrub(): Promise<ScrubReport>
  /** What scrubs have found and nobody has replaced since. */
  listDamagedObjects(limit: number): Promise<DamagedObject[]>
  /** Stops listening for changes and writes what is noted of access. The byte store is the caller's. */
  close(): Promise<void>
}

export function createOssService(parts: OssParts): OssService {
  const { store, bytes, clock, hosted, log, wakes, authorizer, judge, residency, secretBox, outbound, publicEndpoint } =
    parts
  const callbacks = createCallbackSigner(store, secretBox)
  const buckets = rememberBuckets(store, wakes)
  const domains = rememberDomains({ store, wakes, log, ownNames: parts.ownNames, ownAccountId: parts.ownAccountId })
  const access = createAccess({ store, authorizer, judge })
  const throttle = createThrottle(parts.processes)
  const accessLog = createAccessLogWriter({ store, log })
  const accessTimes = createAccessTimes({ store, log })
  const ask = async (
    operation: AskedOperation,
    other: OtherObject,
    asked: ObjectRequest,
    principal: Principal,
  ): Promise<Bucket> => {
    const bucket = await buckets.find(other.bucket)
    if (!bucket) throw objectError(errors.NoSuchBucket, { details: { BucketName: other.bucket } })
    const query = new Map(other.versionId === undefined ? [] : [['versionId', other.versionId]])
    const resource = `acs:oss:${bucket.regionId}:${bucket.accountId}:${bucket.name}/${other.key}`
    const conditions = conditionsOf(asked)
    const request = { ...asked, bucket: bucket.name, key: other.key, query }
    const decision = await access({ operation, principal, request, resource, conditions }, bucket)
    if (decision.kind !== 'allowed') {
      const reason = `You are not authorized to do ${operation.permission} on ${resource}.`
      throw objectError(errors.AccessDenied, { facts: { reason } })
    }
    checkRequestRules(bucket, request, principal)
    if (operation.places) await mayPlace(bucket, resource, operation.permission, asked, principal)
    return bucket
  }
  const mayPlace = async (
    { accountId, regionId }: Bucket,
    resource: string,
    action: string,
    { requestId, headers }: ObjectRequest,
    principal: Principal,
  ): Promise<void> => {
    const language = header(headers, 'accept-language') ?? ''
    const question = { accountId: accountId as AccountId, principal, action, regionId, resource, language, requestId }
    const made = await residency.mayPlace(question)
    if (made.kind === 'allowed') return
    const reason = say`Data may not be placed in ${regionId}: ${made.reason}`
    throw objectError(errors.AccessDenied, { facts: { reason } })
  }
  const keysOf = (principal: Principal | undefined) => createObjectKeys({ kms: parts.kms, authorizer }, principal)
  const fetcher = createSourceFetcher({
    ...{ outbound, residency, publicEndpoint },
    findBucket: (name) => buckets.find(name),
    readOwnHost: (host) => (host === publicEndpoint() ? { bucket: undefined } : parts.readVendorHost(host)),
  })
  const mirror = createMirror({ store, bytes, clock, fetcher, objectKeys: keysOf(undefined), log })
  const objects: ObjectService = {
    operations,
    findBucket: (name) => buckets.find(name),
    findDomain: (host) => domains.find(host),
    authorize(question) {
      const { request, operation } = question
      if (request.bucket === undefined || operation.createsBucket) return access(question, undefined)
      const found = buckets.find(request.bucket)
      return found instanceof Promise ? found.then((one) => access(question, one)) : access(question, found)
    },
    async findPublicFile(path) {
      if (path !== callbackKeyPath) return undefined
      return { contentType: 'application/x-pem-file', text: await callbacks.publicKey() }
    },
    findCorsHeaders(name, method, headers) {
      if (headers.origin === undefined) return {}
      const found = buckets.find(name)
      return found instanceof Promise
        ? found.then((bucket) => corsOf(bucket, method, headers))
        : corsOf(found, method, headers)
    },
    finished(name, describe) {
      const found = buckets.find(name)
      const note = (bucket: Bucket | undefined): void => {
        if (bucket?.settings.logging) accessLog.note(bucket, describe())
        if (bucket?.settings.accessMonitor) {
          const { key, operation, httpStatus, startedAt } = describe()
          const isUse = httpStatus < 300 && (operation === 'GetObject' || operation === 'PutObject')
          if (isUse && key !== undefined) accessTimes.note({ bucketId: bucket.bucketId, key, at: startedAt })
        }
      }
      if (found instanceof Promise) found.then(note, () => {})
      else note(found)
    },
    async run(operation, request, principal) {
      const found = request.bucket === undefined ? undefined : buckets.find(request.bucket)
      const bucket = found instanceof Promise ? await found : found
      if (!bucket && !operation.createsBucket && request.bucket !== undefined) {
        throw objectError(errors.NoSuchBucket, { details: { BucketName: request.bucket } })
      }
      const mayAlso = (other: AskedOperation, object: OtherObject) => ask(other, object, request, principal)
      // Written out: spreading what all requests share into a large literal costs as much as the database does.
      const context = {
        store,
        clock,
        hosted,
        log,
        judge,
        authorizer,
        residency,
        outbound,
        callbacks,
        publicEndpoint,
        findFilingLaw: parts.findFilingLaw,
        isFiled: parts.isFiled,
        mirror,
        objectKeys: createObjectKeys({ kms: parts.kms, authorizer }, principal),
        bytes: bytes.of(bucket?.regionId ?? request.regionId),
        buckets,
        domains,
        principal,
        mayAlso,
        bucket,
        key: request.key,
      }
      try {
        if (bucket) checkRequestRules(bucket, request, principal)
        const bound = operation as BoundOperation
        const pacers = throttle.admit(bucket, request, principal)
        const asked = pacers ? slowRequest(request, pacers.upload) : request
        const answer =
          bucket && asksForPage({ bucket, principal }, bound, request)
            ? await servePage({ ...context, bucket }, bound, asked)
            : bucket?.settings.website
              ? await runOnSite(bound, { ...context, bucket }, asked)
              : await bound.run(context, asked)
        return pacers ? slowAnswer(answer, pacers.download, request.abortSignal()) : answer
      } catch (error) {
        if (!(error instanceof CorruptBytesError || error instanceof MissingBytesError)) throw error
        log.error({ err: error, bucket: request.bucket, key: request.key }, 'the bytes of an object cannot be read')
        throw objectError(errors.InternalError, { facts: { requestId: request.requestId }, cause: error })
      }
    },
  }
  const scrubber = createScrubber({ store, bytes, clock, log })
  const roles = createServiceRoles({ store, ram: parts.ram, access, clock })
  const fetchWorker = createFetchWorker({
    ...{ store, bytes, clock, fetcher, log, outbound, callbacks, publicEndpoint },
    objectKeys: keysOf(undefined),
  })
  const port = createOssPort({ objects, findBucket: (name) => buckets.find(name), roles, residency, clock })
  return {
    product: 'Oss',
    operations: [],
    migrations: ossMigrations,
    inventory: (accountId) => listInventory(store.pool, accountId),
    reconcilers: [
      fetchWorker.reconciler,
      createGarbageReconciler({ store, bytes, log }),
      createSweepReconciler({ store, bytes, log }),
      scrubber.reconciler,
      createLifecycleReconciler({ store, clock }),
      createReplicationReconciler({
        store,
        bytes,
        objectKeys: keysOf(undefined),
        keysOf,
        roles,
        clock,
        residency,
        log,
      }),
      createStatReconciler({ store }),
      createInventoryReconciler({ store, clock, port, roles, audit: parts.audit, log }),
      createAccessLogReconciler({ store, clock, port, roles, log }),
    ],
    objects,
    port,
    scrub: () => scrubber.scrub(),
    listDamagedObjects: (limit) => listDamagedObjects(store.pool, limit),
    async close() {
      await fetchWorker.close()
      await scrubber.close()
      buckets.close()
      domains.close()
      await accessLog.close()
      await accessTimes.close()
    },
  }
}

/** What lets a browser's page of another origin read the answer. Preflights say it themselves. */
function corsOf(bucket: Bucket | undefined, method: string, headers: IncomingHttpHeaders): Record<string, string> {
  const origin = header(headers, 'origin')
  if (!bucket?.settings.cors || origin === undefined || method === 'OPTIONS') return {}
  const question = { origin, method, headers: [] }
  const rule = findCorsRule(bucket.settings.cors, question)
  return rule ? corsHeaders(rule, question) : {}
}
