import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DesiredMachine, SyncResponse } from '@pileus/kernel/fabric/machines'
import { afterEach, expect, test } from 'vitest'
import { createSimulatedHosts, type SimulatedHosts, type SimulatedSyncRequest } from './simulated-hosts.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const desired = (id: string, fields: Partial<DesiredMachine> = {}) =>
  ({
    id,
    generation: 1,
    power: 'on',
    bootGeneration: 1,
    force: false,
    disks: [],
    nics: [],
    commands: [],
    metadata: { hostname: 'h', privateIpv4: '10.0.0.2' },
    ...fields,
  }) as unknown as DesiredMachine

/** A control plane that wants what `wanted` says, and answers whoever has not heard it. */
function controlPlane() {
  const wanted = new Map<string, DesiredMachine[]>()
  let revision = 0
  let news = () => {}
  let cellId = 'cell'
  const sync = async (requests: readonly SimulatedSyncRequest[], signal: AbortSignal) => {
    const answers = () =>
      requests
        .filter((request) => request.haveRevision !== `${revision}`)
        .map((request): SyncResponse & { agentId: string } => ({
          agentId: request.agentId,
          revision: `${revision}`,
          cellId,
          machines: wanted.get(request.agentId) ?? [],
        }))
    if (answers().length === 0) {
      await new Promise<void>((resolve) => {
        news = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    return answers()
  }
  return {
    sync,
    want(agentId: string, machines: DesiredMachine[]) {
      wanted.set(agentId, machines)
      revision += 1
      news()
    },
    becomeCell(id: string) {
      cellId = id
      revision += 1
      news()
    },
  }
}

async function until(probe: () => unknown): Promise<void> {
  const deadline = performance.now() + 5_000
  while (!probe()) {
    if (performance.now() > deadline) throw new Error('it did not happen')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

function start(
  options: Partial<Parameters<typeof createSimulatedHosts>[0]> & {
    sync: Parameters<typeof createSimulatedHosts>[0]['sync']
  },
): SimulatedHosts {
  const hosts = createSimulatedHosts({ machines: 1, zoneIds: ['z'], ...options })
  cleanups.push(() => hosts.stop())
  return hosts
}

const only = (hosts: SimulatedHosts) => hosts.listMachines()[0]?.machine

test('a machine boots, reboots, runs a command, stops and goes', async () => {
  const control = controlPlane()
  const hosts = start({ sync: control.sync })
  await hosts.ready()
  const agentId = hosts.agentIds[0] ?? ''
  control.want(agentId, [desired('i-1')])
  await until(() => only(hosts)?.power === 'on' && only(hosts)?.generation === 1)
  control.want(agentId, [desired('i-1', { generation: 2, bootGeneration: 2 })])
  await until(() => only(hosts)?.bootGeneration === 2)
  const command = {
    id: 't-1',
    type: 'shell',
    content: 'aWQ=',
    workingDir: '',
    timeoutS: 60,
    username: '',
    stop: false,
  } as const
  control.want(agentId, [desired('i-1', { generation: 2, bootGeneration: 2, commands: [command] })])
  await until(() => only(hosts)?.commands[0]?.status === 'finished')
  expect(Buffer.from(only(hosts)?.commands[0]?.output ?? '', 'base64').toString()).toMatch(/^simulated: 2 bytes/)
  control.want(agentId, [desired('i-1', { generation: 3, bootGeneration: 2, power: 'off' })])
  await until(() => only(hosts)?.power === 'off' && only(hosts)?.generation === 3)
  control.want(agentId, [])
  await until(() => hosts.listMachines().length === 0)
})

test('machines outlive the process', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pileus-simulated-'))
  cleanups.push(() => rmSync(directory, { recursive: true }))
  const stateFile = join(directory, 'machines.json')
  const control = controlPlane()
  const first = start({ sync: control.sync, stateFile })
  await first.ready()
  control.want(first.agentIds[0] ?? '', [desired('i-1')])
  await until(() => only(first)?.power === 'on')
  const startedAt = only(first)?.startedAt
  await first.stop()
  const second = start({ sync: control.sync, stateFile })
  expect(only(second)).toMatchObject({ power: 'on', startedAt })
})

test('another cell is not obeyed', async () => {
  const control = controlPlane()
  const hosts = start({ sync: control.sync })
  await hosts.ready()
  const agentId = hosts.agentIds[0] ?? ''
  control.want(agentId, [desired('i-1')])
  await until(() => only(hosts)?.power === 'on')
  control.becomeCell('other')
  control.want(agentId, [])
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(only(hosts)?.power).toBe('on')
})

test('faults are reported and steps tried again; a paused host stands still', async () => {
  const control = controlPlane()
  const hosts = start({ sync: control.sync, faults: (step) => (step === 'boot' ? 'no power' : undefined) })
  await hosts.ready()
  const agentId = hosts.agentIds[0] ?? ''
  control.want(agentId, [desired('i-1')])
  await until(() => only(hosts)?.error === 'no power')
  hosts.setFaults(() => undefined)
  await until(() => only(hosts)?.power === 'on' && only(hosts)?.error === undefined)
  hosts.pause(agentId)
  control.want(agentId, [])
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(hosts.listMachines()).toHaveLength(1)
  hosts.resume(agentId)
  await until(() => hosts.listMachines().length === 0)
})

test('a guest that shuts itself down stays off until a boot is asked for', async () => {
  const control = controlPlane()
  const hosts = start({ sync: control.sync })
  await hosts.ready()
  const agentId = hosts.agentIds[0] ?? ''
  control.want(agentId, [desired('i-1')])
  await until(() => only(hosts)?.power === 'on')
  hosts.shutDownByGuest('i-1')
  control.want(agentId, [desired('i-1', { generation: 2 })])
  await until(() => only(hosts)?.generation === 2)
  expect(only(hosts)).toMatchObject({ power: 'off', poweredItselfOff: true })
  control.want(agentId, [desired('i-1', { generation: 3, bootGeneration: 2 })])
  await until(() => only(hosts)?.power === 'on')
  expect(only(hosts)?.poweredItselfOff).toBeUndefined()
})
