/** Two machines in two zones, on real parts, from `up` to `reset`. The tests of this file build on each other. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { environmentOf, pileus } from './launcher.ts'
import { listMachineLeftovers, listNetworkLeftovers, listQemuPids } from './leftovers.ts'
import { findRealCloudObstacle, RealCloud } from './real-cloud.ts'

const obstacle = findRealCloudObstacle()
if (obstacle) console.log(`skipped: the first tour ${obstacle}`)

const metadata = 'http://100.100.100.200/latest'

/** Asks the metadata service over a raw connection, as BusyBox's wget knows no PUT. Prints status line to body. */
function httpInGuest(method: string, path: string, ...headers: string[]): string {
  const lines = [`${method} /latest/${path} HTTP/1.0`, 'Host: 100.100.100.200', 'Content-Length: 0', ...headers, '', '']
  return `printf '${lines.join('\\r\\n')}' | nc -w 5 100.100.100.200 80`
}

describe.skipIf(obstacle !== undefined)('the first tour', { timeout: 120_000 }, () => {
  let cloud: RealCloud
  let vpcId = ''
  let vswitches: [string, string] = ['', '']
  let one = ''
  let two = ''
  let groupOfOne = ''
  let groupOfTwo = ''
  let addressOfTwo = ''

  beforeAll(async () => {
    cloud = await RealCloud.start({ longPath: true })
  }, 300_000)
  afterAll(async () => {
    await cloud?.[Symbol.asyncDispose]()
  }, 120_000)

  /** Whether one echo request from the first machine is answered by the second. */
  async function isPinged(): Promise<boolean> {
    return (await cloud.runCommand(one, `ping -c 1 -W 1 ${addressOfTwo}`)).exitCode === 0
  }

  const rule = { ipProtocol: 'ICMP', portRange: '-1/-1', sourceCidrIp: '10.0.1.0/24', policy: 'Accept' }

  test('up, status and env describe the same cloud, and a second up finds it running', async () => {
    const { ready } = cloud
    expect(ready).toMatchObject({ engine: 'qemu', regions: ['cn-hangzhou', 'eu-central-1'] })
    const status = JSON.parse(await cloud.pileus('status', '--json'))
    expect(status).toMatchObject({ running: true, ready: { endpoint: ready.endpoint, pid: ready.pid } })
    expect(status.hosts).toMatchObject([{ engine: 'qemu' }])
    expect(JSON.stringify(status)).not.toContain(ready.accessKeySecret)
    expect(await cloud.pileus('status')).toContain(`http        http://${ready.endpoint}`)
    expect(await environmentOf(cloud.dataDir, '--region', 'eu-central-1')).toMatchObject({
      ALIBABA_CLOUD_ACCESS_KEY_ID: ready.accessKeyId,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: ready.accessKeySecret,
      ALIBABA_CLOUD_REGION_ID: 'eu-central-1',
      HTTPS_PROXY: `http://${ready.endpoint}`,
    })
    expect(await cloud.up()).toEqual(ready)
  })

  test('the command line says what is wrong with what it is given', async () => {
    const on = ['--data', cloud.dataDir]
    const other = mkdtempSync(join(tmpdir(), 'pileus-e2e-'))
    onTestFinished(() => rmSync(other, { recursive: true }))
    const elsewhere = ['--data', other, '--engine', 'simulated']
    for (const [args, said] of [
      [['env', ...on, '--region', 'ap-southeast-1'], 'does not serve "ap-southeast-1"'],
      [['image', 'build', 'windows', ...on], 'Allowed choices are micro, debian-12'],
      [['up', '--data', '/proc/nowhere'], 'cannot use /proc/nowhere'],
      [['up', ...elsewhere, '--regions', 'mars'], 'mars'],
      [['up', ...elsewhere, '--port', '70000'], 'not "70000"'],
      [['reset', ...on], 'add --yes'],
      [['explode'], "unknown command 'explode'"],
    ] as const) {
      const { code, stderr } = await pileus(args)
      expect(stderr).toContain(said)
      expect(stderr).not.toMatch(/\n {4}at /)
      expect(code).toBe(1)
    }
  })

  test('two machines in two zones of a VPC run', async () => {
    vpcId = (await cloud.call('vpc', 'CreateVpc', { cidrBlock: '10.0.0.0/16', vpcName: 'tour' })).vpcId
    const { zones } = await cloud.call('ecs', 'DescribeZones', {})
    const [zoneOne, zoneTwo] = zones.zone.map((zone: { zoneId: string }) => zone.zoneId)
    const vswitch = async (zoneId: string, cidrBlock: string): Promise<string> =>
      (await cloud.call('vpc', 'CreateVSwitch', { vpcId, zoneId, cidrBlock })).vSwitchId
    vswitches = [await vswitch(zoneOne, '10.0.1.0/24'), await vswitch(zoneTwo, '10.0.2.0/24')]
    const group = async (): Promise<string> =>
      (await cloud.call('ecs', 'CreateSecurityGroup', { vpcId })).securityGroupId
    groupOfOne = await group()
    groupOfTwo = await group()
    const run = async (request: object): Promise<string> => {
      const common = { imageId: 'micro', instanceType: 'ecs.t5-lc2m1.nano', amount: 1 }
      return (await cloud.call('ecs', 'RunInstances', { ...common, ...request })).instanceIdSets.instanceIdSet[0]
    }
    const userData = Buffer.from('#!/bin/sh\necho "ran as $(id -un)" >> /root/ran\n').toString('base64')
    one = await run({ vSwitchId: vswitches[0], securityGroupId: groupOfOne, userData, hostName: 'one' })
    two = await run({ vSwitchId: vswitches[1], securityGroupId: groupOfTwo, httpTokens: 'required' })
    for (const [id, zoneId, prefix] of [
      [one, zoneOne, '10.0.1.'],
      [two, zoneTwo, '10.0.2.'],
    ] as const) {
      const instance = await cloud.untilStatus(id, 'Running')
      expect(instance.zoneId).toBe(zoneId)
      expect(instance.vpcAttributes.privateIpAddress.ipAddress[0]).toContain(prefix)
    }
    addressOfTwo = (await cloud.getInstance(two)).vpcAttributes.privateIpAddress.ipAddress[0]
    expect(await cloud.outputOf(two, 'hostname -i; id -u')).toContain('0')
    expect(await listQemuPids(cloud.dataDir)).toHaveLength(2)
    // What is looked for after deletion is found before it.
    const kinds = (await listMachineLeftovers(cloud.place)).map((line) => line.replace(/ (process )?\S*$/, ''))
    expect(new Set(kinds)).toEqual(
      new Set(['qemu', 'file', 'tap', 'Interface', 'Logical_Switch_Port', '1 rows of', '2 rows of']),
    )
    expect(await listNetworkLeftovers(cloud.place)).toContainEqual(expect.stringMatching(/^namespace .*-md-/))
  })

  test('wrong requests get the vendor’s codes and change nothing', async () => {
    const good = { imageId: 'micro', instanceType: 'ecs.t5-lc2m1.nano', securityGroupId: groupOfOne }
    const absent = 'i-00000000000000000000'
    for (const [product, action, request, code] of [
      ['ecs', 'RunInstances', { ...good, vSwitchId: vswitches[0], imageId: 'none' }, 'InvalidImageId.NotFound'],
      ['ecs', 'RunInstances', { ...good, vSwitchId: vswitches[0], instanceType: 'ecs.none' }, 'InvalidInstanceType'],
      ['ecs', 'RunInstances', { ...good, vSwitchId: 'vsw-none' }, 'InvalidVSwitchId.NotFound'],
      ['ecs', 'StartInstance', { instanceId: one }, 'IncorrectInstanceStatus'],
      ['ecs', 'StopInstance', { instanceId: absent }, 'InvalidInstanceId.NotFound'],
      ['ecs', 'DeleteInstance', { instanceId: one }, 'IncorrectInstanceStatus'],
      ['vpc', 'DeleteVSwitch', { vSwitchId: vswitches[0] }, 'DependencyViolation'],
      ['vpc', 'CreateVpc', { cidrBlock: '300.0.0.0/8' }, 'Invalid'],
    ] as const) {
      await expect(cloud.call(product, action, request), action).rejects.toMatchObject({
        code: expect.stringContaining(code),
      })
    }
    const { instances } = await cloud.call('ecs', 'DescribeInstances', {})
    expect(instances.instance.map((instance: { instanceId: string }) => instance.instanceId).sort()).toEqual(
      [one, two].sort(),
    )
  })

  test('the peer answers through the virtual router while a rule says so', async () => {
    expect(await isPinged()).toBe(false)
    await cloud.call('ecs', 'AuthorizeSecurityGroup', { securityGroupId: groupOfTwo, ...rule })
    await cloud.eventually('a ping', isPinged)
    await cloud.call('ecs', 'RevokeSecurityGroup', { securityGroupId: groupOfTwo, ...rule })
    await cloud.eventually('no ping', async () => !(await isPinged()))
  })

  test('members of a group reach each other until its inner access is Drop', async () => {
    await cloud.call('ecs', 'JoinSecurityGroup', { securityGroupId: groupOfTwo, instanceId: one })
    await cloud.eventually('a ping', isPinged)
    const policy = (innerAccessPolicy: string) =>
      cloud.call('ecs', 'ModifySecurityGroupPolicy', { securityGroupId: groupOfTwo, innerAccessPolicy })
    await policy('Drop')
    await cloud.eventually('no ping', async () => !(await isPinged()))
    await policy('Accept')
    await cloud.eventually('a ping', isPinged)
    await cloud.call('ecs', 'LeaveSecurityGroup', { securityGroupId: groupOfTwo, instanceId: one })
    await cloud.eventually('no ping', async () => !(await isPinged()))
  })

  test('user data ran once, as root', async () => {
    expect(await cloud.outputOf(one, 'cat /root/ran')).toBe('ran as root')
    expect(await cloud.outputOf(one, `wget -qO- ${metadata}/user-data`)).toContain('/root/ran')
  })

  test('the metadata service answers each machine about itself, with and without a token', async () => {
    const asked = ['instance-id', 'hostname', 'private-ipv4', 'zone-id', 'vpc-id', 'vswitch-id']
    const answers = await cloud.outputOf(
      one,
      asked.map((name) => `wget -qO- ${metadata}/meta-data/${name}; echo`).join('\n'),
    )
    const instance = await cloud.getInstance(one)
    const [ip] = instance.vpcAttributes.privateIpAddress.ipAddress
    expect(answers.split('\n')).toEqual([one, 'one', ip, instance.zoneId, vpcId, vswitches[0]])

    const statusOf = async (id: string, ...request: [method: string, path: string, ...headers: string[]]) =>
      (await cloud.outputOf(id, httpInGuest(...request))).split('\n')[0]
    expect(await statusOf(one, 'GET', 'meta-data/instance-id')).toContain('200')
    expect(await statusOf(one, 'GET', 'meta-data/nothing')).toContain('404')
    expect(await statusOf(two, 'GET', 'meta-data/instance-id')).toContain('403')
    const ttl = 'X-aliyun-ecs-metadata-token-ttl-seconds: 60'
    const token = (await cloud.outputOf(two, httpInGuest('PUT', 'api/token', ttl))).split('\n').at(-1)
    const withToken = httpInGuest('GET', 'meta-data/instance-id', `X-aliyun-ecs-metadata-token: ${token}`)
    expect((await cloud.outputOf(two, withToken)).split('\n').at(-1)).toBe(two)
    // A token serves the machine it was given to, and no other.
    await cloud.call('ecs', 'ModifyInstanceMetadataOptions', {
      instanceId: one,
      httpEndpoint: 'enabled',
      httpTokens: 'required',
    })
    await cloud.eventually('a refusal', async () =>
      (await statusOf(one, 'GET', 'meta-data/instance-id'))?.includes('403'),
    )
    expect((await cloud.outputOf(one, withToken)).split('\n')[0]).toContain('401')
  })

  test('an invocation that is stopped ends, and so does its script', async () => {
    const invokeId = await cloud.startCommand(one, 'echo $$ > /run/script; sleep 3599')
    const isAlive = async () => (await cloud.runCommand(one, 'kill -0 $(cat /run/script)')).exitCode === 0
    await cloud.eventually('the script', isAlive)
    expect((await cloud.findInvocationResult(invokeId)).invocationStatus).toBe('Running')
    await cloud.call('ecs', 'StopInvocation', { invokeId, instanceId: [one] })
    expect((await cloud.untilInvoked(invokeId)).status).toBe('Stopped')
    expect(await isAlive()).toBe(false)
  })

  test('a script that fails tells its exit code and what it said', async () => {
    expect(await cloud.runCommand(one, 'echo out; echo err >&2; exit 7')).toEqual({
      status: 'Failed',
      exitCode: 7,
      output: 'out\nerr\n',
    })
  })

  test('a reboot keeps the machine and starts its system anew', async () => {
    const bootId = 'cat /proc/sys/kernel/random/boot_id'
    const before = await cloud.outputOf(one, bootId)
    await cloud.call('ecs', 'RebootInstance', { instanceId: one })
    await cloud.untilStatus(one, 'Running')
    expect(await cloud.outputOf(one, bootId)).not.toBe(before)
    await cloud.eventually('the second start on the console', async () => {
      const { consoleOutput } = await cloud.call('ecs', 'GetInstanceConsoleOutput', { instanceId: one })
      const console = Buffer.from(consoleOutput, 'base64').toString()
      return console.match(/pileus-micro: ready in/g)?.length === 2
    })
  })

  test('stop and start keep the disk and the address', async () => {
    await cloud.outputOf(one, 'echo kept > /root/kept')
    const before = await cloud.getInstance(one)
    await cloud.call('ecs', 'StopInstance', { instanceId: one })
    await cloud.untilStatus(one, 'Stopped')
    expect(await listQemuPids(cloud.dataDir)).toHaveLength(1)
    await expect(cloud.startCommand(one, 'true')).rejects.toMatchObject({
      code: expect.stringMatching(/NotRunning|NotMatch/),
    })
    await cloud.call('ecs', 'StartInstance', { instanceId: one })
    const after = await cloud.untilStatus(one, 'Running')
    expect(after.vpcAttributes).toEqual(before.vpcAttributes)
    expect(after.networkInterfaces).toEqual(before.networkInterfaces)
    expect(await cloud.outputOf(one, 'cat /root/kept /root/ran')).toBe('kept\nran as root')
    const [address] = after.vpcAttributes.privateIpAddress.ipAddress
    expect(await cloud.outputOf(one, 'ip -o -4 address show eth0')).toContain(` ${address}/24 `)
  })

  test('an encrypted disk goes from one running machine to another with what is on it, and grows', async () => {
    const place = { vSwitchId: vswitches[0], securityGroupId: groupOfOne }
    const run = { imageId: 'micro', instanceType: 'ecs.t5-lc2m1.nano', amount: 1, ...place }
    const [three = ''] = (await cloud.call('ecs', 'RunInstances', run)).instanceIdSets.instanceIdSet
    const { zoneId } = await cloud.getInstance(one)
    const { diskId } = await cloud.call('ecs', 'CreateDisk', { zoneId, size: 5, encrypted: true })
    const find = async () => {
      const { disks } = await cloud.call('ecs', 'DescribeDisks', { diskIds: JSON.stringify([diskId]) })
      return disks.disk[0]
    }
    const becomes = (status: string) =>
      cloud.eventually(`${diskId} ${status}`, async () => (await find())?.status === status)
    const seen = `grep -l ${diskId.slice(2)} /sys/block/vd?/serial`

    await cloud.call('ecs', 'AttachDisk', { diskId, instanceId: one })
    await becomes('In_use')
    expect(await cloud.outputOf(one, seen)).toBe('/sys/block/vdb/serial')
    const write = 'mkdir -p /data && mke2fs /dev/vdb >/dev/null && mount /dev/vdb /data && echo moved > /data/file'
    expect(await cloud.outputOf(one, `${write} && umount /data && echo done`)).toBe('done')
    await cloud.call('ecs', 'DetachDisk', { diskId, instanceId: one })
    await becomes('Available')
    expect((await cloud.runCommand(one, seen)).exitCode).not.toBe(0)

    await cloud.untilStatus(three, 'Running')
    await cloud.call('ecs', 'AttachDisk', { diskId, instanceId: three, deleteWithInstance: true })
    await becomes('In_use')
    const read = 'mkdir -p /data && mount /dev/vdb /data && cat /data/file'
    expect(await cloud.outputOf(three, read)).toBe('moved')
    await cloud.call('ecs', 'ResizeDisk', { diskId, newSize: 6, type: 'online' })
    const size = async () => (await cloud.runCommand(three, 'cat /sys/block/vdb/size')).output.trim() === '12582912'
    await cloud.eventually('the guest finds the room', size)
    await cloud.call('ecs', 'DeleteInstance', { instanceId: three, force: true })
    expect(await find()).toBeUndefined()
  })

  test('machines run on while the control plane is away', async () => {
    const uptime = async () => Number((await cloud.outputOf(one, 'cut -d. -f1 /proc/uptime')).trim())
    const before = { uptime: await uptime(), pids: await listQemuPids(cloud.dataDir) }
    await cloud.pileus('down', '--keep-machines')
    expect(await listQemuPids(cloud.dataDir)).toEqual(before.pids)
    await cloud.up()
    expect(await uptime()).toBeGreaterThanOrEqual(before.uptime)
    expect(await listQemuPids(cloud.dataDir)).toEqual(before.pids)
  })

  test('guests notice nothing when control plane and agent are killed', async () => {
    const uptime = async () => Number((await cloud.outputOf(one, 'cut -d. -f1 /proc/uptime')).trim())
    const before = { uptime: await uptime(), pids: await listQemuPids(cloud.dataDir) }
    process.kill(Number(readFileSync(join(cloud.dataDir, 'agent', 'pid'), 'utf8')), 'SIGKILL')
    process.kill(cloud.ready.pid, 'SIGKILL')
    await cloud.eventually('the end of the control plane', async () => {
      return (await pileus(['status', '--data', cloud.dataDir])).code === 3
    })
    await cloud.up()
    expect(await uptime()).toBeGreaterThanOrEqual(before.uptime)
    expect(await listQemuPids(cloud.dataDir)).toEqual(before.pids)
  })

  test('down ends what a killed control plane left running', async () => {
    process.kill(cloud.ready.pid, 'SIGKILL')
    await cloud.eventually('the end of the control plane', async () => {
      return (await pileus(['status', '--data', cloud.dataDir])).code === 3
    })
    expect(await cloud.pileus('down')).toContain('ended what it had left: the host agent, machines, the database')
    expect(await listQemuPids(cloud.dataDir)).toEqual([])
    expect(await cloud.pileus('down')).toContain('no cloud runs')
    await cloud.up()
    await cloud.untilStatus(one, 'Running')
  })

  test('down stops the machines, and up starts them with what they hold', async () => {
    const { accessKeyId, accessKeySecret } = cloud.ready
    expect(await cloud.pileus('down')).toBe('stopped\n')
    expect(await listQemuPids(cloud.dataDir)).toEqual([])
    const status = await pileus(['status', '--data', cloud.dataDir])
    expect(status).toMatchObject({ code: 3, stdout: expect.stringContaining('no cloud runs') })
    expect(await cloud.up()).toMatchObject({ accessKeyId, accessKeySecret })
    await cloud.untilStatus(one, 'Running')
    await cloud.untilStatus(two, 'Running')
    expect(await cloud.outputOf(one, 'cat /root/kept')).toBe('kept')
    await cloud.call('ecs', 'AuthorizeSecurityGroup', { securityGroupId: groupOfTwo, ...rule })
    await cloud.eventually('a ping', isPinged)
  })

  test('after deletion nothing is left', async () => {
    await cloud.call('ecs', 'DeleteInstances', { instanceId: [one, two], force: true })
    await cloud.eventually('no instances', async () => {
      const { totalCount } = await cloud.call('ecs', 'DescribeInstances', {})
      return totalCount === 0
    })
    await cloud.expectNoMachines()
    for (const securityGroupId of [groupOfOne, groupOfTwo])
      await cloud.call('ecs', 'DeleteSecurityGroup', { securityGroupId })
    for (const vSwitchId of vswitches) await cloud.call('vpc', 'DeleteVSwitch', { vSwitchId })
    await cloud.call('vpc', 'DeleteVpc', { vpcId })
    await cloud.expectNothingLeft()
  })

  test('reset leaves no process, namespace or file', async () => {
    await cloud.reset()
    expect(await pileus(['reset', '--yes', '--data', cloud.dataDir])).toMatchObject({ code: 0 })
  })
})
