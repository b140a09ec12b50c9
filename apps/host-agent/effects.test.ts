/** Kills the agent at every effect of making and removing a machine; the next agent must finish the work. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { desiredMachine } from '@pileus/dataplane/agent/testing/fake-control-plane'
import { findMachineObstacle, tinyImageId, writeTinyImage } from '@pileus/dataplane/agent/testing/tiny-image'
import { findFabricObstacle } from '@pileus/dataplane/network/fabric-fixture'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { AgentUnderTest } from './agent-under-test.ts'
import { type FabricUnderTest, nicUnderTest, startFabric } from './fabric-under-test.ts'

const obstacle = findMachineObstacle()
if (obstacle) console.log(`skipped: killing the agent ${obstacle}`)

/** Scenarios that run at the same time. */
const width = 3

describe.skipIf(obstacle !== undefined)('the agent killed at every effect', () => {
  let imageDir: string

  beforeAll(() => {
    imageDir = mkdtempSync(join(tmpdir(), 'pileus-tiny-'))
    writeTinyImage(imageDir)
  })
  afterAll(() => rmSync(imageDir, { recursive: true, force: true }))

  /** Makes and removes a machine under an agent that dies at the nth moment; false when it never got that far. */
  async function diesAt(moment: number): Promise<boolean> {
    await using agent = await AgentUnderTest.create()
    const { controlPlane, dataDir } = agent
    cpSync(join(imageDir, 'images'), join(dataDir, 'images'), { recursive: true })
    controlPlane.desire(desiredMachine('i-one', tinyImageId))
    const hasDied = await agent.startDyingAt(moment)
    await controlPlane.until(`runs (${moment})`, () => controlPlane.find('i-one')?.generation === 1)
    await expect.poll(async () => (await agent.listMachinePids()).length).toBe(1)
    controlPlane.desire()
    await controlPlane.until(`goes (${moment})`, () => controlPlane.last?.observed.length === 0)
    await expect.poll(() => leftOver(agent), { timeout: 10_000 }).toEqual([])
    return hasDied()
  }

  async function leftOver(agent: AgentUnderTest): Promise<unknown[]> {
    const names = ['machines', 'disks'].flatMap((folder) => readdirSync(join(agent.dataDir, folder)))
    return [...names, ...(await agent.listMachinePids())]
  }

  test('desired equals observed afterwards, and nothing is left over', async () => {
    let next = 1
    let survived = Number.POSITIVE_INFINITY
    const workers = Array.from({ length: width }, async () => {
      for (let moment = next++; moment < survived; moment = next++) {
        if (!(await diesAt(moment))) survived = Math.min(survived, moment)
      }
    })
    await Promise.all(workers)
    // A machine's life has at least this many effects of two moments; fewer would mean that they are not named.
    expect(survived).toBeGreaterThan(24)
    console.log(`the agent was killed at ${survived - 1} moments`)
  }, 300_000)
})

describe.skipIf(obstacle !== undefined)('the agent killed at every effect on a disk', () => {
  const data = { id: 'd-data', role: 'data' as const, sizeGiB: 1, source: { kind: 'blank' as const } }

  /**
   * A disk comes to a machine and is taken away again, before its guest can have noticed; then it comes to another. The
   * machines run all along, and the disk's content stays until nobody wants it.
   */
  async function moveOnce(imageDir: string, begin: (agent: AgentUnderTest) => Promise<unknown>): Promise<void> {
    await using agent = await AgentUnderTest.create({ graceMs: 1 })
    const { controlPlane, dataDir } = agent
    cpSync(join(imageDir, 'images'), join(dataDir, 'images'), { recursive: true })
    const one = desiredMachine('i-one', tinyImageId)
    const two = desiredMachine('i-two', tinyImageId)
    const has = (id: string) => controlPlane.find(id)?.disks?.find((disk) => disk.id === 'd-data')?.ready
    controlPlane.desire(one, two)
    await begin(agent)
    await controlPlane.until(
      'runs',
      () => controlPlane.find('i-one')?.generation && controlPlane.find('i-two')?.generation,
    )
    await expect.poll(async () => (await agent.listMachinePids()).length, { timeout: 10_000 }).toBe(2)
    const pids = await agent.listMachinePids()
    controlPlane.desire({ ...one, generation: 2, disks: [...one.disks, data] }, two)
    await controlPlane.until('has it', () => has('i-one'))
    const file = join(dataDir, 'disks', 'd-data.qcow2')
    const { ino } = statSync(file)
    controlPlane.disks = [{ id: 'd-data' }]
    controlPlane.desire({ ...one, generation: 3 }, { ...two, generation: 2, disks: [...two.disks, data] })
    await controlPlane.until('has it next', () => has('i-two'))
    expect(has('i-one')).toBeUndefined()
    expect(statSync(file).ino).toBe(ino)
    expect(await agent.listMachinePids()).toEqual(pids)
    controlPlane.disks = []
    controlPlane.desire({ ...one, generation: 3 }, { ...two, generation: 3 })
    await controlPlane.until('is gone', () => controlPlane.last?.diskIds?.length === 2)
    await expect.poll(() => readdirSync(join(dataDir, 'disks')).length, { timeout: 10_000 }).toBe(2)
  }

  test('the disk is with one machine at a time, whole, and gone in the end', async () => {
    const imageDir = mkdtempSync(join(tmpdir(), 'pileus-tiny-'))
    onTestFinished(() => rmSync(imageDir, { recursive: true, force: true }))
    writeTinyImage(imageDir)
    let log = ''
    await moveOnce(imageDir, async (agent) => {
      const file = join(agent.dataDir, 'effects.log')
      await agent.start({ PILEUS_EFFECT_LOG: file })
      agent.onDispose(() => {
        log = readFileSync(file, 'utf8')
      })
    })
    const lines = log.trim().split('\n')
    const first = lines.findIndex((line) => line.includes('qemu.plug'))
    const moments = lines.slice(first).filter((line) => diskEffects.test(line))
    expect(moments.length).toBeGreaterThan(12)
    const left = [...moments]
    const workers = Array.from({ length: width }, async () => {
      for (let moment = left.shift(); moment; moment = left.shift()) {
        const nth = Number.parseInt(moment, 10)
        await moveOnce(imageDir, (agent) => agent.startDyingAt(nth))
      }
    })
    await Promise.all(workers)
    console.log(`the agent was killed at ${moments.length} moments of a disk`)
  }, 300_000)
})

const diskEffects = / (qemu\.(plug|unplug|force)|disk\.takeBack|disk\.remove|machine\.record)$/

const networkObstacle = obstacle ?? findFabricObstacle()
if (networkObstacle) console.log(`skipped: killing the agent on the network ${networkObstacle}`)

describe.skipIf(networkObstacle !== undefined)('the agent killed at every effect on the network', () => {
  /** Makes and removes a machine with a NIC on this fabric; `watch` begins the agent. */
  async function liveOnce(fabric: FabricUnderTest, begin: (agent: AgentUnderTest) => Promise<unknown>): Promise<void> {
    const { namespace, runDir, ports } = fabric
    await using agent = await AgentUnderTest.create({ namespace, fabricDir: runDir })
    const { controlPlane } = agent
    writeTinyImage(agent.dataDir)
    controlPlane.desire(desiredMachine('i-one', tinyImageId, { nics: [nicUnderTest] }))
    await begin(agent)
    await controlPlane.until('runs', () => controlPlane.find('i-one')?.generation === 1)
    expect((await ports.listTaps()).map((tap) => tap.portId)).toEqual([nicUnderTest.id])
    expect((await ports.listMetadataPorts()).map((port) => port.routerId)).toEqual([nicUnderTest.routerId])
    controlPlane.desire()
    await controlPlane.until('goes', () => controlPlane.last?.observed.length === 0)
    await expect.poll(() => leftOnNetwork(fabric, agent), { timeout: 15_000 }).toEqual([])
  }

  async function leftOnNetwork({ namespace, ports }: FabricUnderTest, agent: AgentUnderTest): Promise<unknown[]> {
    const namespaces = readdirSync('/run/netns').filter((name) => name.startsWith(`${namespace}-`))
    const rows = [...(await ports.listTaps()), ...(await ports.listMetadataPorts())]
    const links = execFileSync('ip', ['-n', namespace, '-o', 'link', 'show', 'type', 'tun'], { encoding: 'utf8' })
    const taps = links.split('\n').filter((line) => /^\d+: t[0-9a-f]+:/.test(line))
    return [...namespaces, ...rows, ...taps, ...(await agent.listMachinePids())]
  }

  test('leaves no tap, row or namespace', async () => {
    await using fabric = await startFabric()
    let log = ''
    await liveOnce(fabric, async (agent) => {
      const file = join(agent.dataDir, 'effects.log')
      await agent.start({ PILEUS_EFFECT_LOG: file })
      agent.onDispose(() => {
        log = readFileSync(file, 'utf8')
      })
    })
    const moments = log.split('\n').filter((line) => networkEffects.test(line))
    expect(moments.length).toBeGreaterThan(8)
    for (const moment of moments) await liveOnce(fabric, (agent) => agent.startDyingAt(Number.parseInt(moment, 10)))
    console.log(`the agent was killed at ${moments.length} moments of the network`)
  }, 300_000)
})

/** The other effects are those of a machine without a NIC. */
const networkEffects = /^\d+ (before|after) .*(tap|netns|metadata|ovs|port)/
