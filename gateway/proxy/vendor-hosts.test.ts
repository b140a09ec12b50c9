import { regions } from '@pileus/world/regions'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answersFor, parseHostName, productOfHost } from './vendor-hosts.ts'

test.each([
  'ecs.aliyuncs.com',
  'ecs.cn-hangzhou.aliyuncs.com',
  'ECS.CN-Hangzhou.AliyunCS.com.',
  'ecs.aliyuncs.com:443',
  'location-readonly.aliyuncs.com',
  'ram.vpc-proxy.aliyuncs.com',
  'my-bucket.oss-cn-hangzhou.aliyuncs.com',
])('The cloud answers for %s', (host) => {
  expect(answersFor(host)).toBe(true)
})

test.each([
  '',
  '.',
  'aliyuncs.com',
  '.aliyuncs.com',
  'a..aliyuncs.com',
  'example.com',
  'notaliyuncs.com',
  'ecs.aliyuncs.com.example.com',
  'ecs.aliyuncs.com@example.com',
  'example.com/ecs.aliyuncs.com',
  'example.com#.aliyuncs.com',
  '*.aliyuncs.com',
  '-a.aliyuncs.com',
  'ecs.aliyuncs.com:443:443',
  'ecs.aliyuncs.com..',
  'ecs .aliyuncs.com',
  'ecs\n.aliyuncs.com',
  'ecs.аliyuncs.com', // the first letter of the domain is Cyrillic
  `${'a'.repeat(64)}.aliyuncs.com`,
  `${'a.'.repeat(130)}aliyuncs.com`,
  '127.0.0.1',
  '[::1]:443',
  'localhost',
])('The cloud does not answer for %j', (host) => {
  expect(answersFor(host)).toBe(false)
  expect(productOfHost(host)).toEqual({})
})

test.each([
  ['ecs', { product: 'ecs' }],
  ['sts', { product: 'sts' }],
  ['location-readonly', { product: 'location' }],
  ['business', { product: 'bssopenapi' }],
  ['business.ap-southeast-1', { product: 'bssopenapi', regionId: 'ap-southeast-1' }],
  ['metrics.cn-hangzhou', { product: 'cms', regionId: 'cn-hangzhou' }],
  ['ecs.cn-hangzhou', { product: 'ecs', regionId: 'cn-hangzhou' }],
  ['ecs-vpc.cn-hangzhou', { product: 'ecs', regionId: 'cn-hangzhou' }],
  ['ecs-cn-hangzhou', { product: 'ecs', regionId: 'cn-hangzhou' }],
  ['r-kvstore.us-west-1', { product: 'r-kvstore', regionId: 'us-west-1' }],
  ['ecs.eu-west-1', { product: 'ecs', regionId: 'eu-west-1' }],
  ['cs-anony-vpc.cn-beijing', { product: 'cs', regionId: 'cn-beijing' }],
  ['ram.vpc-proxy', { product: 'ram' }],
  ['oauth-intl.vpc-proxy', { product: 'oauth-intl' }],
  ['oss-cn-hangzhou', { product: 'oss', regionId: 'cn-hangzhou' }],
  ['oss-cn-hangzhou-internal', { product: 'oss', regionId: 'cn-hangzhou' }],
  ['oss-accelerate', { product: 'oss' }],
  ['oss', { product: 'oss' }],
  ['cn-hangzhou.oss', { product: 'oss', regionId: 'cn-hangzhou' }],
  ['my-bucket.cn-hangzhou.oss', { product: 'oss', regionId: 'cn-hangzhou', bucket: 'my-bucket' }],
  ['my-bucket.oss-me-east-1', { product: 'oss', regionId: 'me-east-1', bucket: 'my-bucket' }],
  ['my-bucket.oss-me-east-1-internal', { product: 'oss', regionId: 'me-east-1', bucket: 'my-bucket' }],
  ['my-bucket.oss-accelerate-overseas', { product: 'oss', bucket: 'my-bucket' }],
  ['oss-cn-beijing.oss-cn-hangzhou', { product: 'oss', regionId: 'cn-hangzhou', bucket: 'oss-cn-beijing' }],
  ['s3.oss-cn-hangzhou', { product: 'oss', regionId: 'cn-hangzhou' }],
  ['my-bucket.s3.oss-cn-hangzhou', { product: 'oss', regionId: 'cn-hangzhou', bucket: 'my-bucket' }],
  ['oss-admin', { product: 'oss-admin' }],
  ['cn-hangzhou.log', { product: 'sls', regionId: 'cn-hangzhou' }],
  ['project.cn-hangzhou.log', { product: 'sls', regionId: 'cn-hangzhou' }],
  ['project.cn-hangzhou-intranet.log', { product: 'sls', regionId: 'cn-hangzhou' }],
  ['1234567890123456.mns.cn-hangzhou', { product: 'mns', regionId: 'cn-hangzhou' }],
  ['1234567890123456.cn-hangzhou.fc', { product: 'fc', regionId: 'cn-hangzhou' }],
  ['constructor', { product: 'constructor' }],
])('%s.aliyuncs.com means %j', (prefix, meaning) => {
  expect(productOfHost(`${prefix}.aliyuncs.com`)).toEqual(meaning)
  expect(productOfHost(`${prefix.toUpperCase()}.aliyuncs.com.:443`.replace('.:', ':'))).toEqual(meaning)
})

test('Every endpoint of every region says its product and region', () => {
  for (const region of regions) {
    expect(productOfHost(region.endpoints.ecs)).toEqual({ product: 'ecs', regionId: region.id })
    expect(productOfHost(region.endpoints.ecs2018)).toMatchObject({ product: 'ecs' })
    expect(productOfHost(region.endpoints.oss)).toEqual({ product: 'oss', regionId: region.id })
    expect(productOfHost(`b-1.${region.endpoints.ossInternal}`)).toEqual({
      product: 'oss',
      regionId: region.id,
      bucket: 'b-1',
    })
  }
})

test('No text makes the reading of host names throw, and no other domain is ever answered for', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webAuthority(), fc.domain()), (host) => {
      productOfHost(host)
      productOfHost(`${host}.aliyuncs.com`)
      return !answersFor(host) || parseHostName(host)!.endsWith('.aliyuncs.com')
    }),
    { numRuns: 2000 },
  )
})
