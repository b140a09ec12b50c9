/** A machine on the real network: OVN, tap, DHCP, metadata, commands through the guest's agent. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { desiredMachine } from '@pileus/dataplane/agent/testing/fake-control-plane'
import { findMachineObstacle } from '@pileus/dataplane/agent/testing/tiny-image'
import { ensureImage, guestDirUnder } from '@pileus/dataplane/images/build'
import { findFabricObstacle } from '@pileus/dataplane/network/fabric-fixture'
import type { DesiredCommand, DesiredMachine } from '@pileus/kernel/fabric/machines'
import { beforeAll, describe, expect, test } from 'vitest'
import { AgentUnderTest } from './agent-under-test.ts'
import { nicUnderTest, startFabric } from './fabric-under-test.ts'

const repository = join(import.meta.dirname, '..', '..')
const imageCache = join(repository, '.cache', 'test-images')
const obstacle = findMachineObstacle() ?? findFabricObstacle()
if (obstacle) console.log(`skipped: machines on the network ${obstacle}`)

function command(id: string, script: string, changes: Partial<DesiredCommand> = {}): DesiredCommand {
  const content = Buffer.from(script).toString('base64')
  return { id, type: 'shell', content, workingDir: '', timeoutS: 60, username: '', stop: false, ...changes }
}

describe.skipIf(obstacle !== undefined)('a machine on the network', () => {
  let imageId = ''

  beforeAll(async () => {
    imageId = (await ensureImage('micro', { dataDir: imageCache, guestDir: guestDirUnder(repository) })).id
  }, 300_000)

  test('gets its address and metadata, runs commands once, reboots, powers off, and leaves no tap or namespace', async () => {
    // Disposed in reverse: the agent ends before the fabric, which it would start again.
    await using fabric = await startFabric()
    const { namespace, runDir, ports } = fabric
    await using agent = await AgentUnderTest.create({ namespace, fabricDir: runDir, graceMs: 120_000 })
    cpSync(join(imageCache, 'images'), join(agent.dataDir, 'images'), { recursive: true })
    const { controlPlane } = agent
    const machine = desiredMachine('i-net', imageId, {
      memoryMiB: 256,
      force: false,
      disks: [{ id: 'd-net', role: 'system', sizeGiB: 20, source: { kind: 'image', imageId } }],
      nics: [nicUnderTest],
    })
    const desire = (changes: Partial<DesiredMachine>) => controlPlane.desire(Object.assign(machine, changes))
    const commandOf = (id: string) => controlPlane.find('i-net')?.commands.find((each) => each.id === id)
    const outputOf = (id: string) => Buffer.from(commandOf(id)?.output ?? '', 'base64').toString('utf8')
    desire({})
    await agent.start()
    await controlPlane.until('boots', () => controlPlane.consoles.get('i-net')?.includes('ready in'), 60_000)
    await controlPlane.until('answers', () => controlPlane.find('i-net')?.guestReady)

    const ask = 'wget -q -O - http://100.100.100.200/latest/meta-data'
    desire({
      commands: [
        command('c-look', `hostname; ip -4 addr show eth0; ${ask}/instance-id; echo; ${ask}/network/interfaces/macs/`),
        command('c-fail', 'echo kept > /root/note; echo before; exit 7', { workingDir: '/tmp' }),
        command('c-slow', 'echo began; sleep 60', { timeoutS: 1 }),
        command('c-long', 'echo began; sleep 60'),
        command('c-nobody', 'true', { username: 'nobody-there' }),
      ],
    })
    await controlPlane.until('looks', () => commandOf('c-look')?.status === 'finished')
    expect(outputOf('c-look')).toMatch(/^i-net\n/)
    expect(outputOf('c-look')).toContain('10.0.0.5/24')
    expect(outputOf('c-look')).toContain('\ni-net\n')
    await controlPlane.until('fails', () => commandOf('c-fail')?.status === 'finished')
    expect(commandOf('c-fail')).toMatchObject({ exitCode: 7, output: Buffer.from('before\n').toString('base64') })
    await controlPlane.until('is cut off', () => commandOf('c-slow')?.status === 'timedOut')
    expect(outputOf('c-slow')).toBe('began\n')
    await controlPlane.until('refuses', () => commandOf('c-nobody')?.status === 'failed')

    // The agent dies while a command runs; the next one follows it to its end.
    await controlPlane.until('runs', () => outputOf('c-long') === 'began\n')
    await agent.stop('SIGKILL')
    await agent.start()
    desire({ commands: machine.commands.map((each) => ({ ...each, stop: each.id === 'c-long' })) })
    await controlPlane.until('is stopped', () => commandOf('c-long')?.status === 'stopped')
    expect(outputOf('c-long')).toBe('began\n')
    expect(controlPlane.consoles.get('i-net')?.match(/ready in/g)).toHaveLength(1)

    // The grace is longer than these waits: only a guest that does what it is asked passes.
    desire({ generation: 2, bootGeneration: 2, commands: [] })
    await controlPlane.until('reboots', () => controlPlane.find('i-net')?.bootGeneration === 2)
    await controlPlane.until(
      'is up',
      () => controlPlane.consoles.get('i-net')?.match(/ready in/g)?.length === 2,
      60_000,
    )
    await controlPlane.until('answers', () => controlPlane.find('i-net')?.guestReady)
    desire({ commands: [command('c-kept', 'cat /root/note')] })
    await controlPlane.until('reads', () => commandOf('c-kept')?.status === 'finished')
    expect(outputOf('c-kept')).toBe('kept\n')
    desire({ power: 'off', generation: 3 })
    await controlPlane.until('powers off', () => controlPlane.find('i-net')?.generation === 3)
    expect(controlPlane.find('i-net')).not.toHaveProperty('poweredItselfOff')
    controlPlane.desire()
    await controlPlane.until('goes', () => controlPlane.last?.observed.length === 0)
    expect(await ports.listTaps()).toEqual([])
    await expect.poll(() => ports.listMetadataPorts(), { timeout: 10_000 }).toEqual([])
  }, 180_000)
})
