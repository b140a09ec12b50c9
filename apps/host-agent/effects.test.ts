/** Kills the agent at every effect of making and removing a machine; the next agent must finish the work. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { desiredMachine } from '@pileus/dataplane/agent/testing/fake-control-plane'
import { findMachineObstacle, tinyImageId, writeTinyImage } from '@pileus/dataplane/agent/testing/tiny-image'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AgentUnderTest } from './agent-under-test.ts'

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
