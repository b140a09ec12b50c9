/** What buckets can be told, and how they keep to it. */
import { ManualClock } from '@pileus/kernel/clock'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { callOss, type OssCall } from '@pileus/testkit/oss-signed-call'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const bucket = 'configured'
const clock = new ManualClock(new Date())
let cloud: TestCloud
// biome-ignore lint/suspicious/noExplicitAny: the types of the package lack many of its methods.
let client: any
beforeAll(async () => {
  cloud = await startTestCloud({ clock })
  const { endpoint, regionId, accessKeyId, accessKeySecret } = cloud
  client = createOssClient({ endpoint, regionId, accessKeyId, accessKeySecret, bucket })
  await client.putBucket(bucket)
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const call = (one: OssCall, by: TestAccount = cloud) =>
  callOss({ endpoint: cloud.endpoint, ...keysOf(by), now: clock.now() }, { bucket, ...one })
const keysOf = ({ accessKeyId, accessKeySecret }: TestAccount) => ({ accessKeyId, accessKeySecret })
const put = (subresource: string, body: string) => call({ method: 'PUT', query: { [subresource]: undefined }, body })
const get = (subresource: string) => call({ method: 'GET', query: { [subresource]: undefined } })
const remove = (subresource: string) => call({ method: 'DELETE', query: { [subresource]: undefined } })
const childrenOf = (text: string) => text.replace(/^<\?xml[^>]*>\s*<(\w+)(?: [^>]*)?>(.*)<\/\1>\s*$/s, '$2')

describe.each([
  {
    name: 'userDefinedLogFieldsConfig',
    root: 'UserDefinedLogFieldsConfiguration',
    document: '<HeaderSet><header>x-trace</header></HeaderSet><ParamSet><parameter>page</parameter></ParamSet>',
    absent: 404,
    wrong: '<HeaderSet><name>x</name></HeaderSet>',
    isDeleted: true,
  },
  {
    name: 'referer',
    root: 'RefererConfiguration',
    document:
      '<AllowEmptyReferer>false</AllowEmptyReferer><AllowTruncateQueryString>true</AllowTruncateQueryString>' +
      '<TruncatePath>false</TruncatePath><RefererList><Referer>http://www.example.com</Referer></RefererList>' +
      '<RefererBlacklist><Referer>http://*.example.net</Referer></RefererBlacklist>',
    absent: 200,
    wrong: '<AllowEmptyReferer>perhaps</AllowEmptyReferer><RefererList/>',
    reset: '<AllowEmptyReferer>true</AllowEmptyReferer><RefererList/>',
  },
  {
    name: 'transferAcceleration',
    root: 'TransferAccelerationConfiguration',
    document: '<Enabled>true</Enabled>',
    absent: 404,
    wrong: '<Enabled>1</Enabled>',
  },
  {
    name: 'resourceGroup',
    root: 'BucketResourceGroupConfiguration',
    document: '<ResourceGroupId>rg-acfmexample</ResourceGroupId>',
    absent: 200,
    wrong: '<ResourceGroupId>group</ResourceGroupId>',
    wrongCode: 'InvalidArgument',
  },
  {
    name: 'httpsConfig',
    root: 'HttpsConfiguration',
    document: '<TLS><Enable>true</Enable><TLSVersion>TLSv1.2</TLSVersion><TLSVersion>TLSv1.3</TLSVersion></TLS>',
    absent: 404,
    wrong: '<TLS><Enable>true</Enable><TLSVersion>SSLv3</TLSVersion></TLS>',
  },
  {
    name: 'bucketArchiveDirectRead',
    root: 'ArchiveDirectReadConfiguration',
    document: '<Enabled>true</Enabled>',
    absent: 200,
    wrong: '<Enabled/>',
  },
])('?$name', ({ name, root, document, absent, wrong, wrongCode, isDeleted, reset }) => {
  test('gives back what was put, and refuses what is not valid', async () => {
    expect((await get(name)).status).toBe(absent)
    expect(await put(name, `<${root}>${document}</${root}>`)).toMatchObject({ status: 200 })
    expect(childrenOf((await get(name)).text)).toBe(document)
    const refused = await put(name, `<${root}>${wrong}</${root}>`)
    expect([refused.status, refused.code]).toEqual([400, wrongCode ?? 'MalformedXML'])
    expect(await put(name, '<Other/>')).toMatchObject({ status: 400, code: 'MalformedXML' })
    expect(childrenOf((await get(name)).text)).toBe(document)
    if (reset) await put(name, `<${root}>${reset}</${root}>`)
    if (!isDeleted) return
    expect((await remove(name)).status).toBe(204)
    expect((await remove(name)).status).toBe(204)
    expect((await get(name)).status).toBe(absent)
  })
})

const rule = (inside: string, id = 'r', prefix = 'logs/') =>
  `<Rule><ID>${id}</ID><Prefix>${prefix}</Prefix><Status>Enabled</Status>${inside}</Rule>`
const putRules = (rules: string, headers: Record<string, string> = {}) =>
  call({
    method: 'PUT',
    query: { lifecycle: undefined },
    headers,
    body: `<LifecycleConfiguration>${rules}</LifecycleConfiguration>`,
  })

describe('lifecycle', () => {
  test('rules are given back, by the SDK too', async () => {
    await expect(client.getBucketLifecycle(bucket)).rejects.toMatchObject({ code: 'NoSuchLifecycle', status: 404 })
    await client.putBucketLifecycle(bucket, [
      { id: 'a', prefix: 'a/', status: 'Enabled', expiration: { days: 3 }, tag: { key: 'k', value: 'v' } },
      {
        id: 'b',
        prefix: 'b/',
        status: 'Disabled',
        expiration: { createdBeforeDate: '2026-02-02T00:00:00.000Z' },
        transition: { createdBeforeDate: '2026-01-02T00:00:00.000Z', storageClass: 'IA' },
        abortMultipartUpload: { days: 7 },
        noncurrentVersionExpiration: { noncurrentDays: 9 },
      },
    ])
    const { rules } = await client.getBucketLifecycle(bucket)
    expect(rules).toMatchObject([
      { id: 'a', prefix: 'a/', status: 'Enabled', expiration: { days: '3' } },
      { id: 'b', status: 'Disabled', noncurrentVersionExpiration: { noncurrentDays: '9' } },
    ])
    const inside =
      '<Filter><Not><Prefix>logs/keep/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></Not>' +
      '<ObjectSizeGreaterThan>500</ObjectSizeGreaterThan><ObjectSizeLessThan>64000</ObjectSizeLessThan></Filter>' +
      '<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>' +
      '<Transition><Days>30</Days><StorageClass>IA</StorageClass></Transition>' +
      '<Transition><Days>60</Days><StorageClass>Archive</StorageClass></Transition>' +
      '<NoncurrentVersionExpiration><NoncurrentDays>10</NoncurrentDays></NoncurrentVersionExpiration>' +
      '<NoncurrentVersionTransition><NoncurrentDays>5</NoncurrentDays><StorageClass>IA</StorageClass>' +
      '</NoncurrentVersionTransition>'
    expect(await putRules(rule(inside))).toMatchObject({ status: 200 })
    expect(childrenOf((await get('lifecycle')).text)).toBe(rule(inside))
    await client.deleteBucketLifecycle(bucket)
    await expect(client.getBucketLifecycle(bucket)).rejects.toMatchObject({ code: 'NoSuchLifecycle' })
  })

  const expire = '<Expiration><Days>1</Days></Expiration>'
  test.each([
    ['no rule', '', 'MalformedXML'],
    ['no action', rule(''), 'MalformedXML'],
    ['days of zero', rule('<Expiration><Days>0</Days></Expiration>'), 'MalformedXML'],
    ['two times', rule('<Expiration><Days>1</Days><Days>2</Days></Expiration>'), 'MalformedXML'],
    ['something unknown', rule(`${expire}<Color>red</Color>`), 'MalformedXML'],
    ['no status', `<Rule><ID>x</ID><Prefix/>${expire}</Rule>`, 'MalformedXML'],
    [
      'a time that is not midnight',
      rule('<Expiration><CreatedBeforeDate>2026-02-02T01:00:00.000Z</CreatedBeforeDate></Expiration>'),
      'InvalidArgument',
    ],
    ['the same id twice', rule(expire) + rule(expire, 'r', 'other/'), 'InvalidArgument'],
    ['overlapping prefixes', rule(expire) + rule(expire, 's', 'logs/old/'), 'InvalidArgument'],
    [
      'a transition after the expiration',
      rule(`${expire}<Transition><Days>2</Days><StorageClass>IA</StorageClass></Transition>`),
      'InvalidArgument',
    ],
    [
      'colder classes sooner',
      rule(
        '<Transition><Days>9</Days><StorageClass>IA</StorageClass></Transition>' +
          '<Transition><Days>5</Days><StorageClass>Archive</StorageClass></Transition>',
      ),
      'InvalidArgument',
    ],
    [
      'a warmer class',
      rule('<Transition><Days>9</Days><StorageClass>Standard</StorageClass></Transition>'),
      'InvalidArgument',
    ],
    [
      'days and a date',
      rule(
        '<Expiration><CreatedBeforeDate>2026-02-02T00:00:00.000Z</CreatedBeforeDate></Expiration>' +
          '<Transition><Days>9</Days><StorageClass>IA</StorageClass></Transition>',
      ),
      'InvalidRequest',
    ],
    ['tags that no object has', rule(`<Tag><Key>%</Key><Value>v</Value></Tag>${expire}`), 'InvalidArgument'],
    [
      'tags with an upload',
      rule('<Tag><Key>k</Key><Value>v</Value></Tag><AbortMultipartUpload><Days>1</Days></AbortMultipartUpload>'),
      'InvalidArgument',
    ],
    ['an exception outside', rule(`<Filter><Not><Prefix>x/</Prefix></Not></Filter>${expire}`), 'InvalidArgument'],
    [
      'sizes that nothing has',
      rule(
        `<Filter><ObjectSizeGreaterThan>9</ObjectSizeGreaterThan><ObjectSizeLessThan>9</ObjectSizeLessThan></Filter>${expire}`,
      ),
      'InvalidArgument',
    ],
  ])('refuses %s', async (_what, rules, code) => {
    expect(await putRules(rules)).toMatchObject({ status: 400, code })
  })

  test('overlaps are allowed when asked for', async () => {
    const overlapping = rule(expire) + rule(expire, 's', 'logs/old/')
    expect((await putRules(overlapping, { 'x-oss-allow-same-action-overlap': 'true' })).status).toBe(200)
    await remove('lifecycle')
  })
})

describe('worm', () => {
  const kept = 'kept-bucket'
  beforeAll(() => client.putBucket(kept))

  test('a locked policy keeps objects from being deleted or overwritten until their time has come', async () => {
    client.useBucket(kept)
    await expect(client.getBucketWorm(kept)).rejects.toMatchObject({ code: 'NoSuchWORMConfiguration', status: 404 })
    const begun = await client.initiateBucketWorm(kept, '1')
    expect(await client.getBucketWorm(kept)).toMatchObject({ wormId: begun.wormId, state: 'InProgress', days: '1' })
    await client.abortBucketWorm(kept)
    const { wormId } = await client.initiateBucketWorm(kept, '1')
    await expect(client.extendBucketWorm(kept, wormId, '3')).rejects.toMatchObject({ code: 'InvalidWORMConfiguration' })
    expect((await client.completeBucketWorm(kept, 'OTHER')).res.status).toBe(404)
    expect((await client.getBucketWorm(kept)).state).toBe('InProgress')
    await client.completeBucketWorm(kept, wormId)
    const ask = (one: OssCall) => call({ bucket: kept, ...one })
    const locked = { status: 403, code: 'WORMConfigurationLocked' }
    expect(await ask({ method: 'DELETE', query: { worm: undefined } })).toMatchObject(locked)
    const body =
      '<InitiateWormConfiguration><RetentionPeriodInDays>1</RetentionPeriodInDays></InitiateWormConfiguration>'
    expect(await ask({ method: 'POST', query: { worm: undefined }, body })).toMatchObject(locked)

    await client.put('k', Buffer.from('first'))
    const refused = { status: 409, code: 'FileImmutable' }
    await expect(client.put('k', Buffer.from('second'))).rejects.toMatchObject(refused)
    await expect(client.delete('k')).rejects.toMatchObject(refused)
    await expect(client.copy('k', 'k', { headers: { 'x-oss-metadata-directive': 'REPLACE' } })).rejects.toMatchObject(
      refused,
    )
    await client.append('log', Buffer.from('a'))
    await expect(client.append('log', Buffer.from('b'), { position: '1' })).rejects.toMatchObject(refused)
    expect(String((await client.get('k')).content)).toBe('first')

    await client.extendBucketWorm(kept, wormId, '3')
    clock.advance(2 * 86_400_000)
    expect(await ask({ method: 'DELETE', key: 'k' })).toMatchObject(refused)
    clock.advance(86_400_000 + 1000)
    expect(await ask({ method: 'PUT', key: 'k', body: 'second' })).toMatchObject({ status: 200 })
    client.useBucket(bucket)
  })
})

// Last, and after the clients of the SDK: they do not know the cloud's time.
test('rules by time of access need a bucket that notes it, and are applied by it', async () => {
  const byAccess = (more = '') =>
    rule(
      `<Transition><Days>2</Days><StorageClass>IA</StorageClass><IsAccessTime>true</IsAccessTime>${more}` +
        '<AllowSmallFile>true</AllowSmallFile></Transition>',
    )
  const monitor = (status: string) =>
    put('accessmonitor', `<AccessMonitorConfiguration><Status>${status}</Status></AccessMonitorConfiguration>`)
  expect(await putRules(byAccess('<ReturnToStdWhenVisit>true</ReturnToStdWhenVisit>'))).toMatchObject({ status: 501 })
  expect(await putRules(byAccess())).toMatchObject({ status: 400, code: 'InvalidArgument' })
  expect((await get('accessmonitor')).text).toContain('<Status>Disabled</Status>')
  expect(await monitor('Perhaps')).toMatchObject({ status: 400, code: 'MalformedXML' })
  expect((await monitor('Enabled')).status).toBe(200)
  expect((await putRules(byAccess('<ReturnToStdWhenVisit>false</ReturnToStdWhenVisit>'))).status).toBe(200)
  expect((await get('lifecycle')).text).toContain('<IsAccessTime>true</IsAccessTime>')
  expect(await monitor('Disabled')).toMatchObject({ status: 400, code: 'InvalidArgument' })

  for (const key of ['logs/used', 'logs/idle']) await call({ method: 'PUT', key, body: 'x' })
  clock.advance(2 * 86_400_000)
  await call({ method: 'GET', key: 'logs/used' })
  const meta = async (key: string) => (await call({ method: 'HEAD', key, query: { objectMeta: undefined } })).headers
  const lastAccess = 'x-oss-last-access-time'
  await cloud.eventually('the access is noted', async () => {
    return (await meta('logs/used'))[lastAccess] !== (await meta('logs/idle'))[lastAccess]
  })
  clock.advance(86_400_000)
  await cloud.running.reconcilers.passAll()
  const storageClass = async (key: string) => (await call({ method: 'HEAD', key })).headers['x-oss-storage-class']
  expect([await storageClass('logs/used'), await storageClass('logs/idle')]).toEqual(['Standard', 'IA'])
  await remove('lifecycle')
  expect((await monitor('Disabled')).status).toBe(200)
})

test('limits of bandwidth and requests are kept for the bucket and its requesters, and 0 closes', async () => {
  const set = (inner: string, query: Record<string, string | undefined> = { qosInfo: undefined }) =>
    call({ method: 'PUT', query, body: `<QoSConfiguration>${inner}</QoSConfiguration>` })
  const account = await callOss(
    { endpoint: cloud.endpoint, ...keysOf(cloud), now: clock.now() },
    { method: 'GET', query: { qosInfo: undefined } },
  )
  expect(account.text).toContain('<TotalUploadBandwidth>10</TotalUploadBandwidth>')
  for (const wrong of [
    '<TotalUploadBandwidth>11</TotalUploadBandwidth>',
    '<TotalDownloadBandwidth>5</TotalDownloadBandwidth><ExtranetDownloadBandwidth>6</ExtranetDownloadBandwidth>',
    '<TotalQps>-2</TotalQps>',
  ]) {
    expect([wrong, (await set(wrong)).code]).toEqual([wrong, 'InvalidArgument'])
  }
  expect((await set('<TotalQps>many</TotalQps>')).code).toBe('MalformedXML')
  expect((await get('qosInfo')).code).toBe('NoSuchBucketQosInfo')
  await call({ method: 'PUT', key: 'open', body: 'x' })
  expect(
    (await set('<TotalUploadBandwidth>5</TotalUploadBandwidth><ExtranetUploadBandwidth>0</ExtranetUploadBandwidth>'))
      .status,
  ).toBe(200)
  const kept = (await get('qosInfo')).text
  for (const part of ['<TotalUploadBandwidth>5<', '<ExtranetUploadBandwidth>0<', '<IntranetQps>-1<']) {
    expect(kept).toContain(part)
  }
  expect((await call({ method: 'PUT', key: 'closed', body: 'x' })).code).toBe('AccessDenied')
  expect((await call({ method: 'GET', key: 'open' })).text).toBe('x')
  const own = { requesterQosInfo: undefined, qosRequester: cloud.accountId }
  const more = await set('<TotalUploadBandwidth>6</TotalUploadBandwidth>', own)
  expect(more.code).toBe('InvalidArgument')
  expect((await remove('qosInfo')).status).toBe(204)
  expect((await call({ method: 'PUT', key: 'closed', body: 'x' })).status).toBe(200)
  expect((await set('<TotalDownloadBandwidth>0</TotalDownloadBandwidth>', own)).status).toBe(200)
  expect((await call({ method: 'GET', key: 'open' })).code).toBe('AccessDenied')
  expect((await get('requesterQosInfo')).text).toContain(`<Requester>${cloud.accountId}</Requester>`)
  expect((await call({ method: 'DELETE', query: own })).status).toBe(204)
  expect((await call({ method: 'GET', query: own })).code).toBe('NoSuchBucketRequesterQosInfo')
  expect((await call({ method: 'GET', key: 'open' })).text).toBe('x')
})
