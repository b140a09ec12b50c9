/** Kills the agent at every effect of making and removing a machine; the next agent must finish the work. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { desiredMachine } from '@pileus/dataplane/agent/testing/fake-control-plane'
import { findMachineObstacle, tinyImageId, writeTinyImage } from '@pileus/dataplane/agent/testing/tiny-image'
import { findFabricObstacle } from '@pileus/dataplane/network/fabric-fixture'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
