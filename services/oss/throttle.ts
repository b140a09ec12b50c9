/**
 * Holds buckets to their limits of bandwidth and requests. Each process that answers has an equal share of a limit, so
 * with several of them one busy connection gets that share only. Bytes count as they pass here; requests are counted
 * over a second, which may begin with a burst.
 */
import { say, type Text } from '@pileus/kernel/messages/text'
import { type ObjectRequest, objectError } from '@pileus/kernel/object-protocol'
import type { Principal } from '@pileus/kernel/ports'
import type { Bucket } from './domain/bucket.ts'
import type { Qos, QosKind, QosName } from './domain/qos.ts'
import { errors } from './errors.ts'
import { Pacer, readTrafficLimit } from './traffic-limit.ts'

export interface Throttle {
  /**
   * What the request's body and its answer are slowed by; undefined where nothing is limited. The request's own wish
   * (`x-oss-traffic-limit`) is among it.
   * @throws AccessDenied, QpsLimitExceeded, InvalidArgument
   */
  admit(bucket: Bucket | undefined, request: ObjectRequest, principal: Principal): Pacers | undefined
}

interface Pacers {
  upload: readonly Pacer[]
  download: readonly Pacer[]
}

const bytesOfGbit = 1_000_000_000 / 8
/** Gauges that nobody used for so long are forgotten. */
const idleMs = 60_000
const maxGauges = 10_000

interface Gauge {
  /** Per second, of the installation. */
  limit: number
  pacer: Pacer
  usedAtMs: number
}

/** `shares` is the number of processes that answer. */
export function createThrottle(shares: number, nowMs: () => number = () => performance.now()): Throttle {
  const gauges = new Map<string, Gauge>()
  const gaugeOf = (key: string, limit: number, unit: number): Pacer => {
    const known = gauges.get(key)
    const now = nowMs()
    if (known?.limit === limit) {
      known.usedAtMs = now
      return known.pacer
    }
    if (gauges.size >= maxGauges) {
      for (const [name, { usedAtMs }] of gauges) if (usedAtMs + idleMs < now) gauges.delete(name)
    }
    const pacer = new Pacer((limit * unit) / shares, nowMs, { startsFull: unit === 1 })
    gauges.set(key, { limit, pacer, usedAtMs: now })
    return pacer
  }
  return {
    admit(bucket, request, principal) {
      const wished = readTrafficLimit(request)
      const own = wished === undefined ? [] : [new Pacer(wished, nowMs)]
      const limits = bucket ? limitsOf(bucket, principal) : []
      if (limits.length === 0) return own.length === 0 ? undefined : { upload: own, download: own }
      const network = isInternal(request.endpoint) ? 'Intranet' : 'Extranet'
      const findAll = (kind: QosKind) =>
        limits.flatMap(({ of, qos }) =>
          [`Total${kind}` as const, `${network}${kind}` as const]
            .filter((name) => qos[name] >= 0)
            .map((name) => ({ key: `${of} ${name}`, name, limit: qos[name] })),
        )
      for (const { key, name, limit } of findAll('Qps')) {
        if (limit === 0 && isOfObjects(request)) throw refuse(name)
        if (limit === 0 || gaugeOf(key, limit, 1).tryTake(1)) continue
        throw objectError(errors.QpsLimitExceeded, { facts: { name, limit } })
      }
      const direction = isUpload(request) ? 'UploadBandwidth' : 'DownloadBandwidth'
      const found = findAll(direction)
      const closed = found.find(({ limit }) => limit === 0)
      if (closed && isOfObjects(request)) throw refuse(closed.name)
      const shared = found.flatMap(({ key, limit }) => (limit === 0 ? [] : [gaugeOf(key, limit, bytesOfGbit)]))
      return direction === 'UploadBandwidth'
        ? { upload: [...own, ...shared], download: own }
        : { upload: own, download: [...own, ...shared] }
    },
  }
}

function limitsOf({ bucketId, settings }: Bucket, principal: Principal): { of: string; qos: Qos }[] {
  const { qos, requesterQos } = settings
  if (!qos && !requesterQos) return []
  const uid = principal.kind === 'user' ? principal.userId : principal.kind === 'root' ? principal.accountId : ''
  const own = requesterQos && Object.hasOwn(requesterQos, uid) ? requesterQos[uid] : undefined
  return [...(qos ? [{ of: `${bucketId}`, qos }] : []), ...(own ? [{ of: `${bucketId}/${uid}`, qos: own }] : [])]
}

function isUpload({ method }: ObjectRequest): boolean {
  return method === 'PUT' || method === 'POST'
}

/** Closing is about objects: configuring a bucket must go on, or nobody could open it again. */
function isOfObjects({ key, form }: ObjectRequest): boolean {
  return key !== undefined || form !== undefined
}

function isInternal(endpoint: string): boolean {
  return /-internal\.[a-z.]+(?::\d+)?$/i.test(endpoint)
}

function refuse(name: QosName) {
  const reason: Text = say`The bucket's ${name} is 0, so it may not be used so.`
  return objectError(errors.AccessDenied, { facts: { reason } })
}
