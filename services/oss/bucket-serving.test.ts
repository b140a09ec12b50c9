/** How buckets that are web sites, protected, paid by requesters, listed or replicated answer and work. */
import { hostname } from 'node:os'
import { gunzipSync } from 'node:zlib'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { callOss, type OssCall } from '@pileus/testkit/oss-signed-call'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let cloud: TestCloud
// biome-ignore lint/suspicious/noExplicitAny: the types of the package lack many of its methods.
const clientOf = (bucket: string): any => createOssClient({ ...cloud, bucket })
beforeAll(async () => {
  cloud = await startTestCloud()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const call = (one: OssCall, by: TestAccount = cloud) => callOss({ ...by, endpoint: cloud.endpoint }, one)
const anonymous = (one: OssCall) => callOss(cloud, one, 'anonymous')

describe('a web site', () => {
  const bucket = 'a-website'
  const page = (key: string, headers: Record<string, string> = {}) => anonymous({ method: 'GET', bucket, key, headers })
  beforeAll(async () => {
    const client = clientOf(bucket)
    await client.putBucket(bucket, { acl: 'public-read' })
    for (const key of ['index.html', 'error.html', 'sub/index.html', 'plain', 'new/page'])
      await client.put(key, Buffer.from(key))
  })
  const put = (inside: string) =>
    call({
      method: 'PUT',
      bucket,
      query: { website: undefined },
      body: `<WebsiteConfiguration>${inside}</WebsiteConfiguration>`,
    })

  test('index and error pages stand in, as the SDK has set them', async () => {
    const client = clientOf(bucket)
    await expect(client.getBucketWebsite(bucket)).rejects.toMatchObject({ code: 'NoSuchWebsiteConfiguration' })
    await client.putBucketWebsite(bucket, { index: 'index.html', error: 'error.html' })
    expect(await client.getBucketWebsite(bucket)).toMatchObject({ index: 'index.html', error: 'error.html' })
    const root = await anonymous({ method: 'GET', bucket })
    expect([root.status, root.text]).toEqual([200, 'index.html'])
    const missing = await page('absent', { 'if-none-match': '*', range: 'bytes=0-1' })
    expect([missing.status, missing.text]).toEqual([404, 'error.html'])
    expect((await page('plain')).text).toBe('plain')
    expect((await call({ method: 'GET', bucket })).text).toContain('<ListBucketResult')
    expect(await call({ method: 'GET', bucket, key: 'absent' })).toMatchObject({ status: 404, code: 'NoSuchKey' })
  })

  test('directories have their own index page when they are supported', async () => {
    const index = (type: number) =>
      `<IndexDocument><Suffix>index.html</Suffix><SupportSubDir>true</SupportSubDir><Type>${type}</Type></IndexDocument>`
    expect(await put(index(0))).toMatchObject({ status: 200 })
    expect((await page('sub/')).text).toBe('sub/index.html')
    expect((await call({ method: 'GET', bucket, key: 'sub/' })).text).toBe('sub/index.html')
    expect(await call({ method: 'HEAD', bucket, key: 'sub/' })).toMatchObject({ status: 404 })
    expect(await page('sub')).toMatchObject({ status: 302, headers: { location: 'sub/' } })
    await put(index(1))
    expect(await page('sub')).toMatchObject({ status: 404, code: 'NoSuchKey' })
    await put(index(2))
    expect((await page('sub')).text).toBe('sub/index.html')
  })

  test('routing rules send callers elsewhere; Lua is refused by name', async () => {
    const rule = (number: number, condition: string, redirect: string) =>
      `<RoutingRule><RuleNumber>${number}</RuleNumber><Condition>${condition}</Condition><Redirect>${redirect}</Redirect></RoutingRule>`
    const rules =
      rule(
        2,
        '<KeyPrefixEquals>old/</KeyPrefixEquals><HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals>',
        '<RedirectType>External</RedirectType><Protocol>https</Protocol><HostName>www.example.com</HostName>' +
          '<ReplaceKeyPrefixWith>new/</ReplaceKeyPrefixWith><HttpRedirectCode>301</HttpRedirectCode>',
      ) +
      rule(
        1,
        '<KeyPrefixEquals>in/</KeyPrefixEquals><HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals>' +
          '<IncludeHeader><Key>x-way</Key><Equals>inside</Equals></IncludeHeader>',
        '<RedirectType>Internal</RedirectType><ReplaceKeyPrefixWith>new/</ReplaceKeyPrefixWith>',
      )
    expect(await put(`<RoutingRules>${rules}</RoutingRules>`)).toMatchObject({ status: 200 })
    const moved = await page('old/a b')
    expect([moved.status, moved.headers['location']]).toEqual([301, 'https://www.example.com/new/a%20b'])
    expect((await page('in/page', { 'x-way': 'inside' })).text).toBe('new/page')
    expect((await page('in/page')).status).toBe(404)
    const script = rule(1, '', '<RedirectType>Internal</RedirectType>').replace('<Redirect>', '<LuaConfig/><Redirect>')
    expect(await put(`<RoutingRules>${script}</RoutingRules>`)).toMatchObject({
      status: 501,
      code: 'NotImplemented',
    })
    expect(await put('')).toMatchObject({ status: 400, code: 'MalformedXML' })
    await clientOf(bucket).deleteBucketWebsite(bucket)
    expect((await anonymous({ method: 'GET', bucket })).text).toContain('<ListBucketResult')
  })
})

test('a list of referers keeps others out, unless the request is signed in its headers', async () => {
  const bucket = 'protected-links'
  const client = clientOf(bucket)
  await client.putBucket(bucket, { acl: 'public-read' })
  await client.put('k', Buffer.from('v'))
  await client.putBucketReferer(bucket, false, ['http://*.example.com', 'https://www.example.org/?age'])
  expect(await client.getBucketReferer(bucket)).toMatchObject({ allowEmpty: false })
  const from = async (referer: string | undefined) =>
    (await anonymous({ method: 'GET', bucket, key: 'k', headers: referer === undefined ? {} : { referer } })).status
  expect(await from(undefined)).toBe(403)
  expect(await from('http://evil.net')).toBe(403)
  expect(await from('http://a.example.com')).toBe(200)
  expect(await from('http://a.example.com/?q=1')).toBe(200)
  expect(await from('http://a.example.com.evil.net')).toBe(403)
  expect(await from('https://www.example.org/page')).toBe(200)
  expect((await call({ method: 'GET', bucket, key: 'k' })).status).toBe(200)
})

test('where requesters pay, strangers must say so and prove who they are', async () => {
  const bucket = 'requesters-pay'
  const client = clientOf(bucket)
  await client.putBucket(bucket, { acl: 'public-read' })
  await client.put('k', Buffer.from('v'))
  await client.putBucketRequestPayment(bucket, 'Requester')
  expect(await client.getBucketRequestPayment(bucket)).toMatchObject({ payer: 'Requester' })
  const stranger = await cloud.newAccount()
  const get = { method: 'GET', bucket, key: 'k' } as const
  const headers = { 'x-oss-request-payer': 'requester' }
  expect(await call(get, stranger)).toMatchObject({ status: 403, code: 'AccessDenied' })
  expect(await call({ ...get, headers }, stranger)).toMatchObject({ status: 200 })
  expect(await anonymous({ ...get, headers })).toMatchObject({ status: 403, code: 'AccessDenied' })
  expect(await call(get)).toMatchObject({ status: 200 })
  await client.putBucketRequestPayment(bucket, 'BucketOwner')
  expect(await call(get, stranger)).toMatchObject({ status: 200 })
})

test('styles are kept by name', async () => {
  const bucket = 'has-styles'
  await call({ method: 'PUT', bucket })
  const style = (name: string) => ({ bucket, query: { style: undefined, styleName: name } })
  const body = '<Style><Content>image/resize,w_100</Content></Style>'
  expect(await call({ method: 'PUT', ...style('small'), body })).toMatchObject({ status: 200 })
  expect(await call({ method: 'PUT', ...style('bad name'), body })).toMatchObject({ code: 'InvalidArgument' })
  const empty = await call({ method: 'PUT', ...style('empty'), body: '<Style><Content/></Style>' })
  expect(empty).toMatchObject({ status: 400, code: 'InvalidArgument' })
  expect((await call({ method: 'GET', ...style('small') })).text).toContain('<Content>image/resize,w_100</Content>')
  expect((await call({ method: 'GET', bucket, query: { style: undefined } })).text).toContain('<Name>small</Name>')
  expect(await call({ method: 'DELETE', ...style('small') })).toMatchObject({ status: 204 })
  expect(await call({ method: 'GET', ...style('small') })).toMatchObject({ status: 404, code: 'NoSuchStyle' })
})

test('an inventory is kept, listed and written', async () => {
  const bucket = 'has-inventory'
  const client = clientOf(bucket)
  for (const name of [bucket, 'takes-inventory']) await client.putBucket(name)
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['oss.aliyuncs.com'] } }
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '1', Statement: [trust] })
  await cloud.call('Ram', 'CreateRole', { RoleName: 'writer', AssumeRolePolicyDocument })
  const given = { PolicyType: 'System', PolicyName: 'AliyunOSSFullAccess', RoleName: 'writer' }
  await cloud.call('Ram', 'AttachPolicyToRole', given)
  await client.put('a,"b', Buffer.from('12345'))
  await client.put('other', Buffer.from('1'))
  const inventory = {
    id: 'list',
    isEnabled: true,
    prefix: 'a',
    OSSBucketDestination: {
      ...{ format: 'CSV', accountId: cloud.accountId, rolename: 'writer', bucket: 'takes-inventory', prefix: 'in' },
    },
    frequency: 'Daily',
    includedObjectVersions: 'All',
    optionalFields: { field: ['Size', 'StorageClass', 'ETag'] },
  }
  await expect(client.listBucketInventory(bucket)).rejects.toMatchObject({ code: 'NoSuchInventory', status: 404 })
  await client.putBucketInventory(bucket, inventory)
  await expect(client.putBucketInventory(bucket, inventory)).rejects.toMatchObject({ code: 'InventoryAlreadyExist' })
  const got = (await client.getBucketInventory(bucket, 'list')).inventory
  expect(got).toMatchObject({
    id: 'list',
    prefix: 'a',
    frequency: 'Daily',
    optionalFields: { field: expect.anything() },
  })
  expect((await client.listBucketInventory(bucket)).inventoryList).toHaveLength(1)
  await cloud.running.reconcilers.passAll()
  const target = clientOf('takes-inventory')
  const names = (await target.list({ 'max-keys': 10 }, {})).objects.map((one: { name: string }) => one.name)
  const manifestKey = names.find((name: string) => name.endsWith('manifest.json'))
  expect(manifestKey).toMatch(/^in\/has-inventory\/list\/\d{4}-\d\d-\d\dT\d\d-\d\dZ\/manifest\.json$/)
  const manifest = JSON.parse(String((await target.get(manifestKey)).content))
  expect(manifest).toMatchObject({
    sourceBucket: bucket,
    fileSchema: 'Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, StorageClass, ETag',
  })
  const csv = gunzipSync((await target.get(manifest.files[0].key)).content).toString()
  expect(csv).toBe(`"${bucket}","a%2C%22b","null","true","false","5","Standard","827CCB0EEA8A706C4C34A16891F84E7B"\n`)
  await client.deleteBucketInventory(bucket, 'list')
  await expect(client.getBucketInventory(bucket, 'list')).rejects.toMatchObject({ code: 'NoSuchInventory' })
})

test('a bucket is replicated to one of another region, which shows in headers and progress', async () => {
  const [from, to] = ['replicated-from', 'replicated-to']
  const client = clientOf(from)
  await client.putBucket(from)
  const location =
    '<CreateBucketConfiguration><LocationConstraint>oss-eu-central-1</LocationConstraint></CreateBucketConfiguration>'
  await call({ method: 'PUT', bucket: to, body: location })
  const configuration = (inside: string) =>
    `<ReplicationConfiguration><Rule>${inside}</Rule></ReplicationConfiguration>`
  const add = (inside: string) =>
    call({ method: 'POST', bucket: from, query: { replication: undefined, comp: 'add' }, body: configuration(inside) })
  const target = (bucket: string, region: string) =>
    `<Destination><Bucket>${bucket}</Bucket><Location>oss-${region}</Location></Destination>`
  const get = (query: Record<string, string | undefined>) => call({ method: 'GET', bucket: from, query })
  expect(await get({ replication: undefined })).toMatchObject({ status: 404, code: 'NoSuchReplicationConfiguration' })
  expect(await add(target(to, 'cn-hangzhou'))).toMatchObject({ status: 400, code: 'InvalidTargetLocation' })
  expect(await add(target('nowhere-at-all', 'cn-hangzhou'))).toMatchObject({ status: 400, code: 'InvalidTargetBucket' })
  expect(await add(target(from, 'cn-hangzhou'))).toMatchObject({ status: 400, code: 'InvalidTargetBucket' })
  expect(await add(`<Action>SET</Action>${target(to, 'eu-central-1')}`)).toMatchObject({ code: 'InvalidArgument' })
  expect((await get({ replicationLocation: undefined })).text).toContain('<Location>oss-eu-central-1</Location>')

  await client.put('before', Buffer.from('was there'))
  const added = await add(`<RTC><Status>enabled</Status></RTC>${target(to, 'eu-central-1')}`)
  expect(added.status).toBe(200)
  const id = added.headers['x-oss-replication-rule-id']!
  expect(await add(target(to, 'eu-central-1'))).toMatchObject({ status: 400, code: 'BucketReplicationAlreadyExist' })
  await client.put('after', Buffer.from('came later'))
  await cloud.running.reconcilers.passAll()
  for (const [key, text] of [
    ['before', 'was there'],
    ['after', 'came later'],
  ] as const) {
    const copy = await call({ method: 'GET', bucket: to, key })
    expect([copy.text, copy.headers['x-oss-replication-status']]).toEqual([text, 'REPLICA'])
    expect((await client.head(key)).res.headers['x-oss-replication-status']).toBe('COMPLETED')
  }
  expect((await get({ replication: undefined })).text).toContain(
    `<ID>${id}</ID><RTC><Status>enabled</Status></RTC><Action>ALL</Action>`,
  )
  const progress = (await get({ replicationProgress: undefined, 'rule-id': id })).text
  expect(progress).toContain('<HistoricalObject>1</HistoricalObject>')
  expect(await get({ replicationProgress: undefined, 'rule-id': 'other' })).toMatchObject({
    code: 'NoSuchReplicationRule',
  })
  const rtc = `<ReplicationRule><RTC><Status>disabled</Status></RTC><ID>${id}</ID></ReplicationRule>`
  expect(await call({ method: 'PUT', bucket: from, query: { rtc: undefined }, body: rtc })).toMatchObject({
    status: 200,
  })

  const remove = (ruleId: string) =>
    call({
      method: 'POST',
      bucket: from,
      query: { replication: undefined, comp: 'delete' },
      body: `<ReplicationRules><ID>${ruleId}</ID></ReplicationRules>`,
    })
  expect(await remove('other')).toMatchObject({ status: 404, code: 'NoSuchReplicationRule' })
  expect(await remove(id)).toMatchObject({ status: 200 })
  await client.put('too late', Buffer.from('x'))
  await cloud.running.reconcilers.passAll()
  expect((await call({ method: 'HEAD', bucket: to, key: 'too late' })).status).toBe(404)
})

test('an account closes all of its buckets to strangers at once', async () => {
  const bucket = 'closed-by-account'
  await call({ method: 'PUT', bucket, headers: { 'x-oss-acl': 'public-read' } })
  await call({ method: 'PUT', bucket, key: 'k', body: 'v' })
  const status = async () => (await anonymous({ method: 'GET', bucket, key: 'k' })).status
  expect(await status()).toBe(200)
  const block = (method: 'PUT' | 'GET' | 'DELETE', body = '') =>
    call({ method, query: { publicAccessBlock: undefined }, body })
  const document =
    '<PublicAccessBlockConfiguration><BlockPublicAccess>true</BlockPublicAccess></PublicAccessBlockConfiguration>'
  expect((await block('GET')).text).toContain('<BlockPublicAccess>false</BlockPublicAccess>')
  expect((await block('PUT', document)).status).toBe(200)
  expect((await block('GET')).text).toContain('<BlockPublicAccess>true</BlockPublicAccess>')
  expect([await status(), (await call({ method: 'GET', bucket, key: 'k' })).status]).toEqual([403, 200])
  expect((await block('DELETE')).status).toBe(204)
  expect(await status()).toBe(200)
})

test('DescribeRegions tells the regions of this installation and their endpoints', async () => {
  const regions = (value?: string) => call({ method: 'GET', query: { regions: value } })
  const all = (await regions()).text
  expect([...all.matchAll(/<Region>([^<]+)/g)].map(([, name]) => name)).toEqual([
    'oss-cn-hangzhou',
    'oss-ap-southeast-1',
    'oss-eu-central-1',
  ])
  expect((await regions('oss-eu-central-1')).text).toContain(
    '<InternetEndpoint>oss-eu-central-1.aliyuncs.com</InternetEndpoint>',
  )
  expect(await regions('oss-nowhere')).toMatchObject({ code: 'NoSuchRegion' })
})

test("a custom domain means its bucket, signed or not, and is nobody else's", async () => {
  const [bucket, other] = ['has-domain', 'wants-domain']
  for (const name of [bucket, other])
    await call({ method: 'PUT', bucket: name, headers: { 'x-oss-acl': 'public-read' } })
  await call({ method: 'PUT', bucket, key: 'index.html', body: 'welcome' })
  await clientOf(bucket).putBucketWebsite(bucket, { index: 'index.html' })
  const cname = (name: string, comp: string, domain: string, by: TestAccount = cloud) =>
    call(
      {
        method: 'POST',
        bucket: name,
        query: { cname: undefined, comp },
        body: `<BucketCnameConfiguration><Cname><Domain>${domain}</Domain></Cname></BucketCnameConfiguration>`,
      },
      by,
    )
  const host = 'www.example.org'
  for (const bad of ['example', '10.0.0.1', 'ecs.aliyuncs.com', 'a..b', `a.${hostname()}`])
    expect(await cname(bucket, 'add', bad)).toMatchObject({ status: 400, code: 'InvalidArgument' })
  expect(await cname(bucket, 'add', 'WWW.example.org')).toMatchObject({ status: 200 })
  const root = await anonymous({ method: 'GET', host })
  expect([root.status, root.text]).toEqual([200, 'welcome'])
  const signed = await call({ method: 'GET', bucket, key: 'index.html', host: `${host}:80` })
  expect([signed.status, signed.text]).toEqual([200, 'welcome'])
  expect((await call({ method: 'GET', bucket, query: { cname: undefined } })).text).toContain(
    `<Cname><Domain>${host}</Domain>`,
  )
  expect(await cname(other, 'add', host)).toMatchObject({ status: 409, code: 'CnameAlreadyInUse' })
  const stranger = await cloud.newAccount()
  await call({ method: 'PUT', bucket: 'strangers-domain' }, stranger)
  expect(await cname('strangers-domain', 'add', host, stranger)).toMatchObject({
    status: 403,
    code: 'NeedVerifyDomainOwnership',
  })
  const free = await cname('strangers-domain', 'add', 'free.example.org', stranger)
  expect(free).toMatchObject({ status: 403, code: 'NeedVerifyDomainOwnership' })
  expect(free.text).toContain('_dnsauth.free.example.org')
  const token = () => call({ method: 'GET', bucket, query: { cname: host, comp: 'token' } })
  expect(await token()).toMatchObject({ status: 404, code: 'NoSuchCnameToken' })
  const made = /<Token>(\w+)</.exec((await cname(bucket, 'token', host)).text)?.[1]
  expect((await token()).text).toContain(`<Token>${made}</Token>`)
  expect(await cname(other, 'delete', host)).toMatchObject({ status: 404, code: 'NoSuchCname' })
  expect(await cname(bucket, 'delete', host)).toMatchObject({ status: 200 })
  expect((await anonymous({ method: 'GET', host })).text).not.toBe('welcome')
})
