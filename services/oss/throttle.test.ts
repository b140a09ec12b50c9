import type { AccountId } from '@pileus/kernel/ids'
import type { ObjectRequest } from '@pileus/kernel/object-protocol'
import type { Principal } from '@pileus/kernel/ports'
import { expect, test } from 'vitest'
import type { Bucket, BucketSettings } from './domain/bucket.ts'
import { noLimits, type Qos } from './domain/qos.ts'
import { createThrottle } from './throttle.ts'

const owner: Principal = { kind: 'root', accountId: '1000000000000001' as AccountId, accessKeyId: 'a' }
const user: Principal = { ...owner, kind: 'user', userId: '200', userName: 'u' }
const bucketOf = (settings: BucketSettings) => ({ bucketId: 1, settings }) as Bucket
const limited = (qos: Partial<Qos>): Qos => ({ ...noLimits, ...qos })

function requestOf(given: Partial<ObjectRequest> = {}): ObjectRequest {
  const empty = { headers: {}, query: new Map(), endpoint: 'b.oss-cn-hangzhou.aliyuncs.com', key: 'k', method: 'GET' }
  return { ...empty, ...given } as ObjectRequest
}

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work()
  } catch (error) {
    return (error as { code: string }).code
  }
  return undefined
}

test('a bucket without limits costs nothing', () => {
  expect(createThrottle(1).admit(bucketOf({}), requestOf(), owner)).toBeUndefined()
})

test('requests are counted over a second, in all and by network, and each process has its share', () => {
  let now = 5_000
  const throttle = createThrottle(2, () => now)
  const bucket = bucketOf({ qos: limited({ TotalQps: 8, IntranetQps: 4 }) })
  const inside = requestOf({ endpoint: 'b.oss-cn-hangzhou-internal.aliyuncs.com' })
  const ask = (request: ObjectRequest) => codeOf(() => throttle.admit(bucket, request, owner))
  expect([ask(inside), ask(inside)]).toEqual([undefined, undefined])
  expect(ask(inside)).toBe('QpsLimitExceeded')
  expect(ask(requestOf())).toBeUndefined()
  expect(ask(requestOf())).toBe('QpsLimitExceeded')
  now += 500
  expect([ask(requestOf()), ask(requestOf()), ask(requestOf())]).toEqual([undefined, undefined, 'QpsLimitExceeded'])
})

test('all connections of a bucket share its bandwidth, and a user’s own limit is theirs alone', () => {
  let now = 0
  const throttle = createThrottle(1, () => now)
  const qos = limited({ TotalDownloadBandwidth: 8 })
  const bucket = bucketOf({ qos, requesterQos: { 200: limited({ TotalDownloadBandwidth: 4 }) } })
  const one = throttle.admit(bucket, requestOf(), owner)
  const two = throttle.admit(bucket, requestOf(), user)
  expect([one?.upload.length, one?.download.length, two?.download.length]).toEqual([0, 1, 2])
  // 8 Gbit/s are 10^9 bytes in a second.
  expect(one?.download[0]?.take(500_000_000)).toBe(500)
  expect(two?.download.map((pacer) => pacer.take(500_000_000))).toEqual([1_000, 1_000])
  now += 5_000
  expect(one?.download[0]?.take(2_000_000_000)).toBe(1_000)
  const put = throttle.admit(bucket, requestOf({ method: 'PUT' }), owner)
  expect(put).toEqual({ upload: [], download: [] })
})

test('a limit of 0 closes objects and leaves the bucket to be opened again', () => {
  const throttle = createThrottle(1)
  const bucket = bucketOf({ qos: limited({ ExtranetUploadBandwidth: 0, TotalQps: 0 }) })
  expect(codeOf(() => throttle.admit(bucket, requestOf({ method: 'PUT' }), owner))).toBe('AccessDenied')
  expect(codeOf(() => throttle.admit(bucket, requestOf({ key: undefined, method: 'PUT' }), owner))).toBeUndefined()
})

test('the limit that a request wishes for itself counts besides', () => {
  const headers = { 'x-oss-traffic-limit': '819200' }
  const alone = createThrottle(1, () => 0).admit(bucketOf({}), requestOf({ headers }), owner)
  expect(alone?.download.map((pacer) => pacer.take(102_400))).toEqual([1_000])
})
