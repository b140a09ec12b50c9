import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { desiredMachine } from '@pileus/dataplane/agent/testing/fake-control-plane'
import { findMachineObstacle, tinyImageId, writeTinyImage } from '@pileus/dataplane/agent/testing/tiny-image'
import { DiskDirectory } from '@pileus/dataplane/disks/disks'
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

    test.skipIf(process.getuid?.() !== 0)('machines run under users of their own, who own their disks', async () => {
      await using agent = await AgentUnderTest.create()
      const { controlPlane, dataDir } = agent
      writeTinyImage(dataDir)
      controlPlane.desire(desiredMachine('i-one', tinyImageId), desiredMachine('i-two', tinyImageId))
      await agent.start()
      for (const id of ['i-one', 'i-two']) {
        await controlPlane.until('boots', () => controlPlane.consoles.get(id)?.includes('tiny: up'))
      }
      const pids = await agent.listMachinePids()
      const uids = pids.map((pid) => Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]))
      expect(new Set(uids).size).toBe(2)
      expect(Math.min(...uids)).toBeGreaterThanOrEqual(1_900_000_000)
      const owners = readdirSync(join(dataDir, 'disks')).map((name) => statSync(join(dataDir, 'disks', name)).uid)
      expect(owners.sort()).toEqual(uids.sort())
    })

    test('a machine runs on while its agent is killed, and the next agent takes it over', async () => {
      await using agent = await AgentUnderTest.create()
      const { controlPlane } = agent
      writeTinyImage(agent.dataDir)
      const machine = desiredMachine('i-one', tinyImageId)
      controlPlane.desire(machine)
      await agent.start()
      await controlPlane.until('boots', () => controlPlane.consoles.get('i-one')?.includes('tiny: up'))
      const pids = await agent.listMachinePids()
      const { startedAt } = controlPlane.find('i-one')!
      await agent.stop('SIGKILL')

      // The control plane is away as well: the agent acts on what it was told last.
      controlPlane.isAway = true
      await agent.start()
      await controlPlane.until('knocks', () => controlPlane.refusals > 0)
      controlPlane.isAway = false
      const uptime = lastUptime(controlPlane.consoles.get('i-one')!)
      await controlPlane.until('goes on', () => lastUptime(controlPlane.consoles.get('i-one')!) > uptime + 1)
      expect(await agent.listMachinePids()).toEqual(pids)
      expect(controlPlane.find('i-one')).toMatchObject({ power: 'on', generation: 1, startedAt })
      expect(controlPlane.consoles.get('i-one')).not.toContain('boot number 2')

      controlPlane.desire({ ...machine, generation: 2, bootGeneration: 2 })
      await controlPlane.until('reboots', () => controlPlane.consoles.get('i-one')?.includes('boot number 2'))
      await controlPlane.until('says so', () => controlPlane.find('i-one')?.bootGeneration === 2)
      expect(await agent.listMachinePids()).toEqual(pids)
    })

    test('a machine whose guest powers off stays off until it is asked to boot', async () => {
      await using agent = await AgentUnderTest.create()
      const { controlPlane } = agent
      writeTinyImage(agent.dataDir, 'poweroff')
      const machine = desiredMachine('i-one', tinyImageId)
      controlPlane.desire(machine)
      await agent.start()
      await controlPlane.until('powers off', () => controlPlane.find('i-one')?.poweredItselfOff)
      await expect.poll(() => agent.listMachinePids()).toEqual([])
      expect(controlPlane.find('i-one')).toMatchObject({ power: 'off', bootGeneration: 1 })

      await agent.stop('SIGKILL')
      await agent.start()
      controlPlane.desire({ ...machine, generation: 2, bootGeneration: 2 })
      await controlPlane.until('boots again', () => controlPlane.consoles.get('i-one')?.includes('boot number 2'))
    })

    test('a guest that ignores the request to shut down is switched off after its grace', async () => {
      await using agent = await AgentUnderTest.create({ graceMs: 300 })
      const { controlPlane } = agent
      writeTinyImage(agent.dataDir)
      const machine = desiredMachine('i-one', tinyImageId, { force: false })
      controlPlane.desire(machine)
      await agent.start()
      await controlPlane.until('runs', () => controlPlane.find('i-one')?.generation === 1)
      controlPlane.desire({ ...machine, generation: 2, power: 'off' })
      await controlPlane.until('is off', () => controlPlane.find('i-one')?.generation === 2)
      expect(controlPlane.find('i-one')).toMatchObject({ power: 'off' })
      expect(controlPlane.find('i-one')).not.toHaveProperty('poweredItselfOff')
    })

    test('what cannot be made is said, and made when it can be', async () => {
      await using agent = await AgentUnderTest.create()
      const { controlPlane } = agent
      controlPlane.desire(desiredMachine('i-one', tinyImageId))
      await agent.start()
      await controlPlane.until('says why', () => controlPlane.find('i-one')?.error)
      expect(controlPlane.find('i-one')).toMatchObject({ error: 'image tiny is not on this host', power: 'off' })
      writeTinyImage(agent.dataDir)
      await controlPlane.until('runs', () => controlPlane.find('i-one')?.power === 'on')
      await controlPlane.until('is content', () => controlPlane.find('i-one')?.error === undefined)
    })

    test('a disk grows under the running machine', async () => {
      await using agent = await AgentUnderTest.create()
      const { controlPlane, dataDir } = agent
      writeTinyImage(dataDir)
      const machine = desiredMachine('i-one', tinyImageId)
      controlPlane.desire(machine)
      await agent.start()
      await controlPlane.until('runs', () => controlPlane.find('i-one')?.generation === 1)
      const disks = machine.disks.map((disk) => ({ ...disk, sizeGiB: 3 }))
      controlPlane.desire({ ...machine, generation: 2, disks })
      await controlPlane.until('has grown', () => controlPlane.find('i-one')?.generation === 2)
      expect(await new DiskDirectory(dataDir).findSizeGiB('d-i-one')).toBe(3)
    })

    test('a disk moves between running machines with its content', async () => {
      await using agent = await AgentUnderTest.create({ graceMs: 60_000 })
      const { controlPlane, dataDir } = agent
      writeTinyImage(dataDir, 'disks')
      const one = desiredMachine('i-one', tinyImageId)
      const two = desiredMachine('i-two', tinyImageId)
      const disk = { id: 'd-data', role: 'data' as const, sizeGiB: 1, source: { kind: 'blank' as const } }
      const tells = (id: string, text: string) =>
        controlPlane.until(text, () => controlPlane.consoles.get(id)?.includes(text))
      const has = (id: string) => controlPlane.find(id)?.disks?.find((known) => known.id === 'd-data')
      controlPlane.desire({ ...one, disks: [...one.disks, disk] }, two)
      await agent.start()
      await tells('i-one', 'tiny: data holds 0')
      expect(has('i-one')).toEqual({ id: 'd-data', incarnation: 1, ready: true })

      // Both want it: the second gets it only when the first has let go.
      controlPlane.desire(one, { ...two, generation: 2, disks: [...two.disks, disk] })
      await tells('i-two', 'tiny: data holds 1')
      expect(has('i-one')).toBeUndefined()
      expect(has('i-two')).toMatchObject({ ready: true })

      controlPlane.disks = [{ id: 'd-data' }]
      controlPlane.desire(one, { ...two, generation: 3 })
      await controlPlane.until('is free', () => controlPlane.find('i-two')?.generation === 3)
      expect(has('i-two')).toBeUndefined()
      expect(controlPlane.last?.diskIds).toContain('d-data')
      expect(statSync(join(dataDir, 'disks', 'd-data.qcow2')).uid).toBe(process.getuid?.())

      controlPlane.desire({ ...one, generation: 4, disks: [...one.disks, { ...disk, sizeGiB: 2 }] }, two)
      await controlPlane.until('has it back', () => has('i-one')?.ready)
      expect(await new DiskDirectory(dataDir).findSizeGiB('d-data')).toBe(2)
      controlPlane.disks = []
      controlPlane.desire(two)
      await controlPlane.until('is gone', () => controlPlane.last?.diskIds?.join() === 'd-i-two')
      expect(existsSync(join(dataDir, 'disks', 'd-data.qcow2'))).toBe(false)
    })

    test('a disk is taken away from a guest that does not let go of it', async () => {
      await using agent = await AgentUnderTest.create({ graceMs: 300 })
      const { controlPlane, dataDir } = agent
      writeTinyImage(dataDir, 'disks deaf')
      const machine = desiredMachine('i-one', tinyImageId)
      const disk = { id: 'd-data', role: 'data' as const, sizeGiB: 1, source: { kind: 'blank' as const } }
      controlPlane.desire({ ...machine, disks: [...machine.disks, disk] })
      await agent.start()
      await controlPlane.until('sees it', () => controlPlane.consoles.get('i-one')?.includes('tiny: data holds 0'))
      controlPlane.disks = [{ id: 'd-data' }]
      controlPlane.desire({ ...machine, generation: 2 })
      await controlPlane.until('is without', () => controlPlane.find('i-one')?.generation === 2)
      expect(controlPlane.find('i-one')).toMatchObject({ power: 'on', disks: [{ id: 'd-i-one' }] })
      await controlPlane.until('finds errors', () => controlPlane.consoles.get('i-one')?.includes('tiny: vdb fails'))
      expect(controlPlane.last?.diskIds).toContain('d-data')
    })

    test('a disk that begins anew is empty, and nothing is left of what it was', async () => {
      await using agent = await AgentUnderTest.create()
      const { controlPlane, dataDir } = agent
      writeTinyImage(dataDir)
      const off = desiredMachine('i-one', tinyImageId, { power: 'off' })
      controlPlane.desire(off)
      await agent.start()
      await controlPlane.until('is there', () => controlPlane.find('i-one')?.disks?.[0]?.ready)
      const disks = off.disks.map((disk) => ({ ...disk, incarnation: 2 }))
      controlPlane.desire({ ...off, generation: 2, disks })
      await controlPlane.until('is anew', () => controlPlane.find('i-one')?.generation === 2)
      expect(controlPlane.find('i-one')?.disks).toEqual([{ id: 'd-i-one', incarnation: 2, ready: true }])
      await expect.poll(() => readdirSync(join(dataDir, 'disks')), { timeout: 10_000 }).toEqual(['d-i-one.2.qcow2'])
    })

    test.skipIf(process.getuid?.() !== 0)(
      'a machine waits while its host is full, and goes on when it is not',
      async () => {
        await using agent = await AgentUnderTest.create()
        const { controlPlane, dataDir } = agent
        writeTinyImage(dataDir, 'fill')
        const disks = join(dataDir, 'disks')
        mkdirSync(disks)
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'pileus-test', disks])
        try {
          controlPlane.desire(desiredMachine('i-one', tinyImageId))
          await agent.start()
          await controlPlane.until('has no disk', () =>
            controlPlane.find('i-one')?.error?.includes('no space left on this host'),
          )
          execFileSync('mount', ['-o', 'remount,size=4m', disks])
          await controlPlane.until('is held', () =>
            controlPlane.find('i-one')?.error?.includes('no room for what the guest'),
          )
          expect(controlPlane.find('i-one')).toMatchObject({ power: 'on' })
          execFileSync('mount', ['-o', 'remount,size=64m', disks])
          await controlPlane.until('goes on', () => controlPlane.consoles.get('i-one')?.includes('tiny: filled'))
          await controlPlane.until('is content', () => controlPlane.find('i-one')?.error === undefined)
        } finally {
          await agent.stop('SIGKILL')
          await agent.killMachines()
          execFileSync('umount', ['--lazy', disks])
        }
      },
    )

    test('a data directory may have a longer name than a socket address holds', async () => {
      await using agent = await AgentUnderTest.create({}, `pileus-agent-${'long'.repeat(30)}-`)
      const { controlPlane } = agent
      writeTinyImage(agent.dataDir)
      controlPlane.desire(desiredMachine('i-one', tinyImageId))
      await agent.start()
      await controlPlane.until('runs', () => controlPlane.find('i-one')?.generation === 1)
      controlPlane.desire()
      await controlPlane.until('goes', () => controlPlane.last?.observed.length === 0)
      expect(await agent.listMachinePids()).toEqual([])
    })

    test('QEMU that is killed is started again', async () => {
      await using agent = await AgentUnderTest.create()
      const { controlPlane } = agent
      writeTinyImage(agent.dataDir)
      controlPlane.desire(desiredMachine('i-one', tinyImageId))
      await agent.start()
      await controlPlane.until('runs', () => controlPlane.find('i-one')?.generation === 1)
      const [first] = await agent.listMachinePids()
      process.kill(first!, 'SIGKILL')
      await expect
        .poll(async () => (await agent.listMachinePids()).filter((pid) => pid !== first).length, { timeout: 20_000 })
        .toBe(1)
    })

    test('another control plane is not obeyed', async () => {
      await using agent = await AgentUnderTest.create()
      const { controlPlane } = agent
      writeTinyImage(agent.dataDir)
      controlPlane.desire(desiredMachine('i-one', tinyImageId))
      await agent.start()
      await controlPlane.until('runs', () => controlPlane.find('i-one')?.generation === 1)
      controlPlane.cellId = 'cell-two'
      controlPlane.desire()
      await expect.poll(() => agent.readLog(), { timeout: 20_000 }).toContain('cell cell-two is not obeyed')
      expect(await agent.listMachinePids()).toHaveLength(1)
    })

    test('a second agent on the same data is refused', async () => {
      await using agent = await AgentUnderTest.create()
      await agent.start()
      await agent.controlPlane.until('reports', () => agent.controlPlane.last)
      const first = agent.detach()
      await agent.start()
      await agent.exited()
      expect(agent.readLog()).toContain('another agent runs on')
      first.kill('SIGKILL')
    })
  },
  90_000,
)

function lastUptime(console: string): number {
  return Number([...console.matchAll(/tiny: up ([\d.]+)/g)].at(-1)?.[1] ?? 0)
}
