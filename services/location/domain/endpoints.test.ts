import { expect, test } from 'vitest'
import { findEndpoint } from './endpoints.ts'

test('direct callers find every product where they reached us', () => {
  for (const code of ['ecs', 'vpc', 'ram', 'sts', 'oss', 'kvstore', 'cen', 'ECS']) {
    expect([code, findEndpoint(code, 'cn-beijing', '127.0.0.1:8080')]).toEqual([code, '127.0.0.1:8080'])
  }
})

test('callers through the proxy get the names of production', () => {
  const through = (code: string) => findEndpoint(code, 'cn-beijing', 'location.aliyuncs.com')
  expect(through('ecs')).toBe('ecs.cn-beijing.aliyuncs.com')
  expect(through('ram')).toBe('ram.aliyuncs.com')
  expect(through('oss')).toBe('oss-cn-beijing.aliyuncs.com')
  expect(through('cms')).toBe('metrics.cn-beijing.aliyuncs.com')
})

test('there is no endpoint of a product that does not exist', () => {
  expect(findEndpoint('teleporter', 'cn-beijing', '127.0.0.1:8080')).toBeUndefined()
  expect(findEndpoint('constructor', 'cn-beijing', '127.0.0.1:8080')).toBeUndefined()
})
