import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { desiredMachine } from '@pileus/dataplane/agent/testing/fake-control-plane'
import { findMachineObstacle, tinyImageId, writeTinyImage } from '@pileus/dataplane/agent/testing/tiny-image'
import { describe, expect, test } from 'vitest'
import { AgentUnderTest } from './agent-under-test.ts'

const obstacle = findMachineObstacle()
if (obstacle) console.log(`skipped: machines ${obstacle}`)

describe.skipIf(obstacle !== undefined)(
  'machines under the host agent',
  () => {
    test('a machine boots, tells its console, stops, starts with its disk, and goes without a trace', async () => {
      await using agent = await AgentUnderTest.create()
      const { controlPlane } = agent
      writeTinyImage(agent.dataDir)
      const machine = desiredMachine('i-one', tinyImageId)
      controlPlane.desire(machine)
      await agent.start()
      await controlPlane.until('boots', () => controlPlane.consoles.get('i-one')?.includes('boot number 1'))
      expect(controlPlane.find('i-one')).toMatchObject({ power: 'on', generation: 1, bootGeneration: 1 })
      expect(controlPlane.last).toMatchObject({ engine: 'qemu', accelerator: 'tcg', images: [{ id: tinyImageId }] })
      expect(controlPlane.tokens).toEqual(new Set(['Bearer secret']))

      controlPlane.desire({ ...machine, generation: 2, power: 'off' })
      await controlPlane.until('stops', () => controlPlane.find('i-one')?.generation === 2)
      expect(controlPlane.find('i-one')).toMatchObject({ power: 'off' })
      expect(await agent.listMachinePids()).toEqual([])

      controlPlane.desire({ ...machine, generation: 3, bootGeneration: 2 })
      await controlPlane.until('starts', () => controlPlane.consoles.get('i-one')?.includes('boot number 2'))

      controlPlane.desire()
      await controlPlane.until('goes', () => controlPlane.last?.observed.length === 0)
      expect(await agent.listMachinePids()).toEqual([])
      expect(readdirSync(join(agent.dataDir, 'disks'))).toEqual([])
      expect(existsSync(join(agent.dataDir, 'machines', 'i-one'))).toBe(false)
    })
  },
  60_000,
)
