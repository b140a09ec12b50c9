// Uses a bucket as programs do, with the official SDK for Node and its configuration for the vendor's cloud.
const { readFileSync } = require('node:fs')
const OSS = require('ali-oss')

const [version, bucket, largeFile] = process.argv.slice(2)
const client = new OSS({
  accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
  accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
  region: 'oss-cn-hangzhou',
  secure: version === 'v4',
  authorizationV4: version === 'v4',
  retryMax: 0,
})

async function main() {
  const seen = {}
  await client.putBucket(bucket)
  client.useBucket(bucket)
  const key = 'told/é +&?.txt'
  await client.put(key, Buffer.from('0123456789'), { mime: 'text/x', meta: { author: 'someone' } })
  const got = await client.get(key)
  const { meta } = await client.head(key)
  seen.metadata = [String(got.content), got.res.headers['content-type'], meta.author]
  seen.range = String((await client.get(key, { headers: { Range: 'bytes=2-4' } })).content)
  await client.multipartUpload('large', largeFile, { partSize: 5 * 1024 * 1024, parallel: 3 })
  const large = await client.get('large')
  seen.multipart = [large.content.length, large.res.headers['x-oss-object-type']]
  seen.same = large.content.equals(readFileSync(largeFile))
  await client.copy('copied', 'large')
  const [from, to] = await Promise.all(['large', 'copied'].map((name) => client.head(name)))
  seen.copied = from.res.headers['x-oss-hash-crc64ecma'] === to.res.headers['x-oss-hash-crc64ecma']
  const first = await client.append('log', Buffer.from('one '))
  await client.append('log', Buffer.from('two'), { position: first.nextAppendPosition })
  seen.appended = String((await client.get('log')).content)
  const many = Array.from({ length: 25 }, (_, number) => `many/${String(number).padStart(3, '0')}`)
  for (const name of many) await client.put(name, Buffer.alloc(0))
  const found = []
  for (let token; ; ) {
    const page = await client.listV2({ prefix: 'many/', 'max-keys': 7, 'continuation-token': token })
    found.push(...page.objects.map((one) => one.name))
    token = page.nextContinuationToken
    if (!token) break
  }
  seen.many = JSON.stringify(found) === JSON.stringify(many)
  seen.folders = (await client.list({ delimiter: '/' })).prefixes
  const url =
    version === 'v4' ? await client.signatureUrlV4('GET', 60, {}, key) : client.signatureUrl(key, { expires: 60 })
  seen.presigned = String(
    (await client.urllib.request(url, { agent: client.agent, httpsAgent: client.httpsAgent })).data,
  )
  await client.deleteMulti([...many, key, 'large', 'copied', 'log'], { quiet: true })
  seen.left = (await client.list()).objects ?? []
  await client.deleteBucket(bucket)
  console.log(JSON.stringify(seen))
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
