/**
 * A debian-12 machine, from an image that `./pileus image build` makes and a cache keeps. It is the longest of all
 * tests, and prints where its time goes; PILEUS_TEST_DEBIAN=0 leaves it out.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { imageCache } from './images.ts'
import { pileusOutput } from './launcher.ts'
import { findRealCloudObstacle, RealCloud } from './real-cloud.ts'

const obstacle = process.env['PILEUS_TEST_DEBIAN'] === '0' ? 'is not wanted' : findRealCloudObstacle()
if (obstacle) console.log(`skipped: debian-12 ${obstacle}`)

describe.skipIf(obstacle !== undefined)('debian-12', { timeout: 400_000 }, () => {
  let cloud: RealCloud

  beforeAll(async () => {
    const startedMs = performance.now()
    const built = await pileusOutput(['image', 'build', 'debian-12', '--data', imageCache], { timeoutMs: 590_000 })
    expect(built.trim()).toMatch(/^pileus_debian_12_/)
    console.log(`debian-12: image there after ${seconds(startedMs)} s`)
    cloud = await RealCloud.start({ images: ['debian-12'] })
  }, 700_000)
  afterAll(async () => {
    await cloud?.[Symbol.asyncDispose]()
  }, 120_000)

  test('boots, takes its name, address and user data, and runs a command', async () => {
    const startedMs = performance.now()
    const vpcId = (await cloud.call('vpc', 'CreateVpc', { cidrBlock: '10.0.0.0/16' })).vpcId
    const { zones } = await cloud.call('ecs', 'DescribeZones', {})
    const place = { vpcId, zoneId: zones.zone[0].zoneId, cidrBlock: '10.0.1.0/24' }
    const { vSwitchId } = await cloud.call('vpc', 'CreateVSwitch', place)
    const { securityGroupId } = await cloud.call('ecs', 'CreateSecurityGroup', { vpcId })
    const request = {
      vSwitchId,
      securityGroupId,
      imageId: 'debian-12',
      instanceType: 'ecs.t5-lc1m1.small',
      amount: 1,
      hostName: 'tour',
      userData: Buffer.from('#!/bin/sh\necho "on $(hostname)" > /root/ran\n').toString('base64'),
    }
    const instanceId = (await cloud.call('ecs', 'RunInstances', request)).instanceIdSets.instanceIdSet[0]
    await cloud.untilStatus(instanceId, 'Running')
    const system = await cloud.runCommand(instanceId, '. /etc/os-release; echo "$ID $VERSION_ID"', 300_000)
    console.log(`debian-12: first command done after ${seconds(startedMs)} s`)
    expect(system).toMatchObject({ status: 'Success', output: 'debian 12\n' })

    const wait = 'timeout 110 cloud-init status --wait >/dev/null; cat /root/ran; hostname; ip -o -4 address show eth0'
    const { output } = await cloud.runCommand(instanceId, wait, 130_000)
    console.log(`debian-12: user data done after ${seconds(startedMs)} s`)
    const [address] = (await cloud.getInstance(instanceId)).vpcAttributes.privateIpAddress.ipAddress
    expect(output).toMatch(new RegExp(`^on tour\\ntour\\n.* ${address}/24 `))

    await cloud.call('ecs', 'DeleteInstance', { instanceId, force: true })
    await cloud.expectNoMachines()
  })
})

function seconds(startedMs: number): string {
  return ((performance.now() - startedMs) / 1000).toFixed(1)
}
