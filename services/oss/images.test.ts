import { crc32, deflateSync } from 'node:zlib'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'

const bucket = 'pictures'
let cloud: TestCloud
// biome-ignore lint/suspicious/noExplicitAny: the types of the package lack many of its methods.
let client: any

const red = { r: 255, g: 0, b: 0 }
const blue = { r: 0, g: 0, b: 255 }
/** Left half red, right half blue. */
const halves = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: red } }).composite([
    { input: { create: { width: width / 2, height, channels: 3, background: blue } }, left: width / 2, top: 0 },
  ])

beforeAll(async () => {
  cloud = await startTestCloud()
  const { endpoint, regionId, accessKeyId, accessKeySecret } = cloud
  client = createOssClient({ endpoint, regionId, accessKeyId, accessKeySecret, bucket })
  await client.putBucket(bucket)
  await client.put('a.jpg', await halves(400, 200).jpeg({ quality: 90 }).toBuffer())
  await client.put('a.png', await halves(400, 200).png().toBuffer())
  await client.put('turned.jpg', await halves(400, 200).jpeg().withMetadata({ orientation: 6 }).toBuffer())
  await client.put('note.txt', Buffer.from('no image'))
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const ask = (key: string, process: string, options: object = {}) => client.get(key, { ...options, process })

async function drawn(key: string, process: string) {
  const { content } = await ask(key, process)
  const { data, info } = await sharp(content).raw().toBuffer({ resolveWithObject: true })
  const { format } = await sharp(content).metadata()
  const at = (x: number, y: number) => [
    ...data.subarray((y * info.width + x) * info.channels).subarray(0, info.channels),
  ]
  return { size: [info.width, info.height], format, at, content }
}

test.each([
  ['resize,w_100', [100, 50]],
  ['resize,h_50', [100, 50]],
  ['resize,m_lfit,w_100,h_100', [100, 50]],
  ['resize,m_mfit,w_100,h_100', [200, 100]],
  ['resize,m_fill,w_100,h_100', [100, 100]],
  ['resize,m_pad,w_100,h_100', [100, 100]],
  ['resize,m_fixed,w_100,h_100', [100, 100]],
  ['resize,m_fill,w_60', [60, 60]],
  ['resize,l_100', [100, 50]],
  ['resize,s_100', [200, 100]],
  ['resize,p_50', [200, 100]],
  ['resize,p_200', [800, 400]],
  ['resize,w_800', [400, 200]],
  ['resize,w_800,limit_0', [800, 400]],
  ['crop,w_100,h_80', [100, 80]],
  ['crop,x_350,y_150', [50, 50]],
  ['crop,w_100,h_100,g_se', [100, 100]],
  ['indexcrop,x_150,i_2', [100, 200]],
  ['indexcrop,y_150,i_9', [400, 200]],
  ['rotate,90', [200, 400]],
  ['rotate,360', [400, 200]],
  ['circle,r_50', [100, 100]],
  ['circle,r_4096', [200, 200]],
  ['resize,w_200/crop,w_100,h_50/rotate,90', [50, 100]],
])('image/%s has the size %j', async (process, size) => {
  expect((await drawn('a.jpg', `image/${process}`)).size).toEqual(size)
})

test('what is drawn is where it belongs', async () => {
  const east = await drawn('a.png', 'image/crop,w_10,h_10,g_east')
  expect(east.at(0, 0)).toEqual([0, 0, 255, 255])
  const padded = await drawn('a.png', 'image/resize,m_pad,w_100,h_100,color_00FF00')
  expect([padded.at(50, 5), padded.at(5, 50), padded.at(95, 50)]).toEqual([
    [0, 255, 0, 255],
    [255, 0, 0, 255],
    [0, 0, 255, 255],
  ])
  const round = await drawn('a.png', 'image/circle,r_100')
  expect([round.at(0, 0)[3], round.at(100, 100)[3], round.at(199, 199)[3]]).toEqual([0, 255, 0])
  const rounded = await drawn('a.jpg', 'image/rounded-corners,r_50')
  expect(rounded.at(0, 0).every((part) => part > 240)).toBe(true)
  expect(rounded.at(200, 0).every((part) => part > 240)).toBe(false)
  const bright = await drawn('a.png', 'image/bright,50')
  expect(bright.at(10, 10)[1]).toBeGreaterThan(50)
  for (const process of ['blur,r_3,s_2', 'sharpen,100', 'contrast,-50', 'quality,q_80', 'interlace,1']) {
    expect((await drawn('a.jpg', `image/${process}`)).size).toEqual([400, 200])
  }
})

test('orientation is kept until auto-orient applies it', async () => {
  const kept = await ask('turned.jpg', 'image/resize,w_100')
  expect(await sharp(kept.content).metadata()).toMatchObject({ orientation: 6, width: 100, height: 50 })
  const upright = await ask('turned.jpg', 'image/auto-orient,1/resize,w_100')
  expect(await sharp(upright.content).metadata()).toMatchObject({ width: 100, height: 200 })
  const top = await drawn('turned.jpg', 'image/auto-orient,1')
  expect([top.at(100, 10)[0]! > 200, top.at(100, 390)[2]! > 200]).toEqual([true, true])
})

test('formats, qualities and animations', async () => {
  for (const [format, type] of [
    ['png', 'image/png'],
    ['webp', 'image/webp'],
    ['gif', 'image/gif'],
    ['tiff', 'image/tiff'],
    ['avif', 'image/avif'],
    ['jpg', 'image/jpeg'],
  ]) {
    const { res } = await ask('a.png', `image/resize,w_64/format,${format}`)
    expect(res.headers['content-type']).toBe(type)
  }
  const noise = await sharp({
    create: {
      width: 300,
      height: 300,
      channels: 3,
      background: red,
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  })
    .jpeg({ quality: 95 })
    .toBuffer()
  await client.put('noise.jpg', noise)
  const low = await ask('noise.jpg', 'image/quality,Q_20')
  const half = await ask('noise.jpg', 'image/quality,q_50')
  expect(low.content.length).toBeLessThan(half.content.length)
  expect(half.content.length).toBeLessThan(noise.length / 2)
  const interlaced = await ask('a.jpg', 'image/interlace,1')
  expect((await sharp(interlaced.content).metadata()).isProgressive).toBe(true)
  const frame = (background: typeof red) =>
    sharp({ create: { width: 60, height: 40, channels: 3, background } })
      .png()
      .toBuffer()
  const frames = [await frame(red), await frame(blue)]
  await client.put(
    'a.gif',
    await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer(),
  )
  const small = await ask('a.gif', 'image/resize,w_30')
  expect(await sharp(small.content, { animated: true }).metadata()).toMatchObject({
    format: 'gif',
    width: 30,
    pages: 2,
  })
})

test('watermarks of text and of images', async () => {
  const text = Buffer.from('Hi <&> é').toString('base64url')
  const marked = await drawn('a.png', `image/watermark,text_${text},color_FFFFFF,size_40,g_nw,x_5,y_5,shadow_50`)
  expect(marked.size).toEqual([400, 200])
  const light = Array.from({ length: 60 * 150 }, (_, i) => marked.at(5 + (i % 150), 5 + Math.floor(i / 150))[1]!)
  expect(Math.max(...light)).toBeGreaterThan(200)
  const green = sharp({ create: { width: 50, height: 50, channels: 3, background: { r: 0, g: 255, b: 0 } } })
  await client.put('mark.png', await green.png().toBuffer())
  const image = Buffer.from('mark.png?x-oss-process=image/resize,P_10').toString('base64url')
  const own = await drawn('a.png', `image/watermark,image_${image},g_nw,x_0,y_0`)
  expect([own.at(10, 10), own.at(30, 30)]).toEqual([
    [0, 255, 0, 255],
    [255, 0, 0, 255],
  ])
  const filled = await drawn('a.png', `image/watermark,image_${image},fill_1,padx_20,pady_20,t_50`)
  expect(filled.at(45, 45)[1]).toBeGreaterThan(100)
  const missing = Buffer.from('none.png').toString('base64url')
  await expect(ask('a.png', `image/watermark,image_${missing}`)).rejects.toMatchObject({ code: 'NoSuchKey' })
})

test('info and average-hue tell about an image', async () => {
  const { content, res } = await ask('turned.jpg', 'image/info')
  expect(res.headers['content-type']).toBe('application/json')
  expect(JSON.parse(String(content))).toMatchObject({
    Format: { value: 'jpg' },
    ImageWidth: { value: '400' },
    ImageHeight: { value: '200' },
    FrameCount: { value: '1' },
    Orientation: { value: '6' },
  })
  await client.put(
    'plain.png',
    await sharp({ create: { width: 9, height: 9, channels: 3, background: '#5c783b' } })
      .png()
      .toBuffer(),
  )
  expect(JSON.parse(String((await ask('plain.png', 'image/average-hue')).content))).toEqual({ RGB: '0x5c783b' })
})

test('each process has an entity tag of its own, and ranges do not apply', async () => {
  const first = await ask('a.jpg', 'image/resize,w_100')
  const other = await ask('a.jpg', 'image/resize,w_101')
  const { etag } = first.res.headers
  expect(other.res.headers.etag).not.toBe(etag)
  const url = (headers: object) => client.get('a.jpg', { process: 'image/resize,w_100', headers })
  expect((await url({ 'If-None-Match': etag })).res.status).toBe(304)
  expect((await url({ Range: 'bytes=0-9' })).content.length).toBe(first.content.length)
})

test('saveas puts the result into a bucket the caller may write to', async () => {
  await client.processObjectSave('a.jpg', 'small/a.webp', 'image/resize,w_40/format,webp')
  expect((await client.head('small/a.webp')).res.headers['content-type']).toBe('image/webp')
  expect(await sharp((await client.get('small/a.webp')).content).metadata()).toMatchObject({ width: 40 })
  const refused = await client.processObjectSave('a.jpg', 'x', 'image/resize,w_40', 'no-such-bucket-9')
  expect([refused.res.status, String(refused.res.data)]).toEqual([404, expect.stringContaining('NoSuchBucket')])
})

test('what is saved passes the gate of the account whose bucket it goes to', async () => {
  const owner = await cloud.newAccount()
  const { endpoint, regionId } = cloud
  const { accessKeyId, accessKeySecret } = owner
  const theirs = createOssClient({ endpoint, regionId, accessKeyId, accessKeySecret, bucket: 'given' })
  await theirs.putBucket('given')
  const Statement = [
    { Effect: 'Allow' as const, Action: ['oss:*'], Principal: [cloud.accountId], Resource: ['acs:oss:*:*:given/*'] },
  ]
  await theirs.putBucketPolicy('given', { Version: '1', Statement })
  const save = async (key: string) => {
    const { res } = await client.processObjectSave('a.jpg', key, 'image/resize,w_40', 'given')
    return [res.status, String(res.data)]
  }
  expect(await save('first')).toEqual([200, expect.stringContaining('OK')])
  expect((await owner.call('Residency', 'SetResidencyPolicy', { 'AllowedPlace.1': 'DE' })).status).toBe(200)
  expect(await save('second')).toEqual([403, expect.stringContaining('AccessDenied')])
})

test.each([
  ['a.jpg', 'image/resize,w_0', 'InvalidArgument', 400],
  ['a.jpg', 'image/resize', 'InvalidArgument', 400],
  ['a.jpg', 'image/resize,w_100,foo_1', 'InvalidArgument', 400],
  ['a.jpg', 'image/resize,w_16384,h_16384,m_fixed,limit_0', 'InvalidArgument', 400],
  ['a.jpg', 'image/crop,x_400', 'InvalidArgument', 400],
  ['a.jpg', 'image/rotate,361', 'InvalidArgument', 400],
  ['a.jpg', 'image/resize,w_10/info', 'InvalidArgument', 400],
  ['a.jpg', 'image/nonsense,1', 'InvalidArgument', 400],
  ['a.jpg', 'image/format,bmp', 'NotImplemented', 501],
  ['a.jpg', 'image/blindwatermark,text_a', 'NotImplemented', 501],
  ['a.jpg', 'video/snapshot,t_1', 'NotImplemented', 501],
  ['a.jpg', 'style/none', 'NoSuchStyle', 404],
  ['note.txt', 'image/resize,w_10', 'InvalidArgument', 400],
  ['note.txt', 'image/info', 'InvalidArgument', 400],
  ['none.jpg', 'image/info', 'NoSuchKey', 404],
])('%s as %s is refused with %s', async (key, process, code, status) => {
  await expect(ask(key, process)).rejects.toMatchObject({ code, status })
})

test('images that would fill memory, and vector graphics, are refused before they are decoded', async () => {
  await client.put('bomb.png', emptyPng(30_000, 9_000))
  await expect(ask('bomb.png', 'image/resize,w_10')).rejects.toMatchObject({ code: 'ImageTooLarge', status: 400 })
  await client.put('a.svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'))
  await expect(ask('a.svg', 'image/resize,w_5')).rejects.toMatchObject({ code: 'InvalidArgument' })
  const cut = (await client.get('a.jpg')).content.subarray(0, 700)
  await client.put('cut.jpg', cut)
  await expect(ask('cut.jpg', 'image/resize,w_5')).rejects.toMatchObject({ code: 'InvalidArgument' })
})

/** A PNG of a size that nothing in it fills. */
function emptyPng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 2], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const pixels = chunk('IDAT', deflateSync(Buffer.alloc(1000)))
  return Buffer.concat([signature, chunk('IHDR', head), pixels, chunk('IEND', Buffer.alloc(0))])
}
