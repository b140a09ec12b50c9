import { expect, test } from 'vitest'
import type { LogicalNetwork } from './network.ts'
import { SimulatedNetworkDriver } from './simulated-network.ts'

function networkWith(...ids: string[]): LogicalNetwork {
  const ports = ids.map((id) => ({ id, mac: '00:16:3e:00:00:01', ips: ['10.0.0.1'], securityGroupIds: [] }))
  const place = { id: 'vsw-1', cidr: '10.0.0.0/24', gatewayIp: '10.0.0.253', ports }
  return { routers: [{ id: 'vpc-1', switches: [place], routes: [] }], securityGroups: [] }
}

test('every port that it was told of is ready, and repeating changes nothing', async () => {
  const driver = new SimulatedNetworkDriver()
  expect(await driver.apply(networkWith('a', 'b'))).toEqual({ readyPortIds: ['a', 'b'], changes: 1 })
  expect(await driver.apply(networkWith('a', 'b'))).toEqual({ readyPortIds: ['a', 'b'], changes: 0 })
  expect(driver.applied).toEqual(networkWith('a', 'b'))
})

test('a failure that was asked for changes nothing and comes once', async () => {
  const driver = new SimulatedNetworkDriver()
  driver.failNext(new Error('unplugged'))
  await expect(driver.apply(networkWith('a'))).rejects.toThrow('unplugged')
  expect(driver.applied.routers).toEqual([])
  expect((await driver.apply(networkWith('a'))).readyPortIds).toEqual(['a'])
  expect(driver.calls).toBe(2)
})

test('the later of two calls wins, even when the earlier one takes longer', async () => {
  const driver = new SimulatedNetworkDriver({ delayMs: 30 })
  const slow = driver.apply(networkWith('old'))
  driver.delayMs = 0
  await driver.apply(networkWith('new'))
  expect((await slow).readyPortIds).toEqual(['new'])
  expect(driver.applied).toEqual(networkWith('new'))
})
