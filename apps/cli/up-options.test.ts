import { expect, test } from 'vitest'
import { forgetObjectStoreKey, parseUpOptions, type UpOptions } from './up-options.ts'

const options: UpOptions = {
  engine: 'auto',
  regions: 'all',
  host: '127.0.0.1',
  port: '7480',
  images: 'micro,debian-12',
  workers: 'auto',
  namespace: 'pileus',
}

test('the defaults are what the documentation says', () => {
  const plan = parseUpOptions(options, {})
  expect(plan).toMatchObject({ engine: 'auto', httpPort: 7480, httpsPort: 7481, workers: 'auto', outboundAllow: [] })
  expect(plan.hosted.regions).toHaveLength(18)
  expect(parseUpOptions({ ...options, port: '0' }, {}).httpsPort).toBe(0)
  expect(parseUpOptions({ ...options, regions: 'eu-central-1, cn-hangzhou' }, {}).hosted.regions).toHaveLength(2)
})

test.each<[Partial<UpOptions>, RegExp]>([
  [{ regions: 'cn-hangzou' }, /no region "cn-hangzou".*cn-hangzhou/],
  [{ port: '' }, /^--port takes a number/],
  [{ port: '70000' }, /^--port takes a number.*"70000"/],
  [{ httpsPort: 'x' }, /^--https-port takes a number/],
  [{ images: 'mikro' }, /^--images: .*"mikro".*micro, debian-12/],
  [{ workers: '13' }, /^--workers takes auto or a number/],
  [{ namespace: 'a/b' }, /^--namespace takes .*"a\/b"/],
  [{ callbackAllow: 'nowhere' }, /^--callback-allow: /],
  [{ objects: 's3://b?endpoint=http://127.0.0.1:9' }, /^--objects needs PILEUS_OBJECTS_ACCESS_KEY_ID/],
])('%j is refused in words that name the option', (wrong, message) => {
  expect(() => parseUpOptions({ ...options, ...wrong }, {})).toThrow(message)
})

test('the key of the object store is read, and stays out of what children inherit', () => {
  const environment = { PILEUS_OBJECTS_ACCESS_KEY_ID: 'id', PILEUS_OBJECTS_ACCESS_KEY_SECRET: 'secret', PATH: '/bin' }
  const url = 's3://bucket/prefix?endpoint=http://127.0.0.1:9000'
  const { objectStore } = parseUpOptions({ ...options, objects: url }, environment)
  expect(objectStore).toEqual({ url, accessKeyId: 'id', accessKeySecret: 'secret' })
  forgetObjectStoreKey(environment)
  expect(environment).toEqual({ PATH: '/bin' })
})
