import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import { type ObjectLevel, type ObjectOperation, type ObjectService, objectError } from '@pileus/kernel/object-protocol'
import { checkKey, isBucketName } from '../address.ts'
import { ossErrors } from '../errors.ts'
import type { ObjectExchange } from '../exchange.ts'
import { createObjectRequest } from '../request.ts'

/**
 * Query keys that choose an operation. One that no operation names means a part of the API that is not here, and the
 * answer must say so instead of doing something else.
 */
const selectors = new Set(
  `accessMonitor accessPoint accessPointConfigForObjectProcess accessPointForObjectProcess accessPointPolicy
  accessPointPolicyForObjectProcess accessmonitor accelerate acl analytics append asyncFetch attributes bucketArchiveDirectRead bucketInfo
  cleanRestoredObject cloudboxes cname comp cors dataAccelerator dataPipeline delete encryption httpsConfig img intelligent-tiering inventory
  legal-hold legalHold lifecycle live location logging metaQuery metrics notification object-lock objectMeta objectWorm overwriteConfig
  ownershipControls policy policyStatus publicAccessBlock qos qosInfo qosRequester redundancyTransition referer regions
  replication replicationLocation replicationProgress requestPayment requesterQosInfo resourceGroup resourcePool
  resourcePoolInfo responseHeader restore retention rtc seal select stat status style symlink tagging torrent
  transferAcceleration udf uploadId uploads userDefinedLogFieldsConfig versioning versions vod website worm wormExtend wormId
  x-oss-async-process x-oss-process x-oss-write-get-object-response`.split(/\s+/),
)

/** Finds the operation by method, level and sub-resources; the most specific one wins. */
export function resolve(service: ObjectService, hosted: HostedRegions) {
  const routes = new Map<string, ObjectOperation[]>()
  for (const operation of service.operations) {
    const key = `${operation.route.method} ${operation.route.level}`
    const list = routes.get(key) ?? []
    list.push(operation)
    list.sort((a, b) => weight(b) - weight(a))
    routes.set(key, list)
  }
  return (exchange: ObjectExchange): void => {
    const { bucket, key } = exchange.address
    if (bucket !== undefined && !isBucketName(bucket)) {
      throw objectError(ossErrors.InvalidBucketName, {
        facts: { bucket: bucket.slice(0, 100) },
        details: { BucketName: bucket.slice(0, 100) },
      })
    }
    if (key !== undefined) checkKey(key)
    const level: ObjectLevel = bucket === undefined ? 'service' : key === undefined ? 'bucket' : 'object'
    exchange.request = createObjectRequest(exchange, hosted)
    const operation = routes.get(`${exchange.method} ${level}`)?.find((one) => answers(one, exchange))
    const foreign = exchange.pairs.find(
      (pair) =>
        selectors.has(pair.name) &&
        !operation?.route.subresources?.some((one) => nameOf(one) === pair.name) &&
        !operation?.route.optional?.includes(pair.name),
    )
    if (foreign) {
      const what = `${exchange.method} ?${foreign.name} on a ${level}`
      throw objectError(ossErrors.NotImplemented, { facts: { what }, details: { ResourceType: foreign.name } })
    }
    if (!operation) {
      throw objectError(ossErrors.MethodNotAllowed, {
        facts: { method: exchange.method.slice(0, 16) },
        details: { Method: exchange.method.slice(0, 16), ResourceType: level },
      })
    }
    exchange.operation = operation
  }
}

function weight({ route }: ObjectOperation): number {
  const { subresources = [], header } = route
  const withValue = subresources.filter((one) => one.includes('='))
  return 4 * subresources.length + 2 * withValue.length + (header === undefined ? 0 : 1)
}

function nameOf(subresource: string): string {
  return subresource.split('=')[0]!
}

function answers({ route }: ObjectOperation, exchange: ObjectExchange): boolean {
  if ((route.form ?? false) !== (exchange.form !== undefined)) return false
  if (route.header !== undefined && exchange.request?.headers[route.header] === undefined) return false
  const isGiven = (wanted: string): boolean => {
    const [name = '', value] = wanted.split('=')
    const given = exchange.query.get(name)
    return given !== undefined && (value === undefined || value === given)
  }
  return (route.subresources ?? []).every(isGiven) || (route.alternative?.every(isGiven) ?? false)
}
