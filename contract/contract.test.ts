import { expect, expectTypeOf, test } from 'vitest'
import type { RequestOf, ResponseOf } from './contract.ts'
import { findAction, findProduct, findProductByVersion, getAction, listProducts, loadProduct } from './contract.ts'
import * as ecs from './generated/ecs.ts'
import * as sts from './generated/sts.ts'

test('a version alone names its product', () => {
  expect(findProductByVersion('2014-05-26')).toMatchObject({ product: 'Ecs', hasShapes: true })
  expect(findProductByVersion('2014-05-15')).toMatchObject({ product: 'Slb', hasShapes: false })
  expect(findProductByVersion('1999-01-01')).toBeUndefined()
  expect(new Set(listProducts().map((p) => p.version)).size).toBe(listProducts().length)
})

test('products and actions are found in any case', () => {
  expect(findAction('ECS', '2014-05-26', 'runinstances')?.name).toBe('RunInstances')
  expect(findAction('Ecs', '2014-05-26', 'RunInstance')).toBeUndefined()
  expect(findAction('Ecs', '2016-04-28', 'RunInstances')).toBeUndefined()
  expect(findProduct('r-KVSTORE')?.product).toBe('R-kvstore')
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    expect(findAction('Ecs', '2014-05-26', name)).toBeUndefined()
    expect(findProduct(name)).toBeUndefined()
  }
})

test('actions without shapes are known by name', () => {
  const slb = loadProduct('Slb')
  expect(slb.findActionName('createloadbalancer')).toBe('CreateLoadBalancer')
  expect(slb.findAction('CreateLoadBalancer')).toBeUndefined()
  expect(slb.findActionName('NoSuchAction')).toBeUndefined()
  expect(() => loadProduct('NoSuchProduct')).toThrow('the contract has no product NoSuchProduct')
})

test('every action of every generated product compiles', () => {
  let count = 0
  for (const ref of listProducts().filter((p) => p.hasShapes)) {
    const product = loadProduct(ref.product, ref.version)
    for (const name of product.actionNames) if (product.findAction(name)) count += 1
  }
  expect(count).toBeGreaterThan(950)
})

test('metadata says how an action travels', () => {
  const runCommand = getAction(ecs.RunCommand)
  expect(runCommand).toMatchObject({ style: 'RPC', method: 'POST', path: '/', auth: 'AK' })
  expect(runCommand.request.fields.get('Parameters')).toMatchObject({ encoding: 'json', required: false })
  expect(runCommand.request.fields.get('CommandContent')).toMatchObject({ encoding: 'flat', required: true })
  expect(getAction(sts.AssumeRoleWithOIDC).auth).toBe('Anonymous')
  const vpn = findAction('Vpc', '2016-04-28', 'CreateVpnConnection')
  expect(vpn?.request.fields.get('TunnelOptionsSpecification')?.inBody).toBe(true)
  expect(vpn?.request.fields.get('RegionId')?.inBody).toBe(false)
})

test('constants carry the types of their messages', () => {
  expectTypeOf<RequestOf<typeof ecs.StopInstance>['InstanceId']>().toEqualTypeOf<string>()
  expectTypeOf<ResponseOf<typeof ecs.RunInstances>['TradePrice']>().toEqualTypeOf<number | undefined>()
  expect(ecs.StopInstance).toEqual({ product: 'Ecs', version: '2014-05-26', name: 'StopInstance' })
})

test('a corrected action keeps what its patch does not name', () => {
  const request = getAction(ecs.TagResources).request
  expect(request.fields.get('ResourceId')).toMatchObject({ required: true, shape: { kind: 'array' } })
  const tag = request.fields.get('Tag')
  expect(tag?.required).toBe(true)
  const item = tag?.shape.kind === 'array' && tag.shape.item.kind === 'struct' ? tag.shape.item : undefined
  expect([...(item?.fields.values() ?? [])].map((f) => [f.name, f.required])).toEqual([
    ['Key', true],
    ['Value', false],
  ])
})
