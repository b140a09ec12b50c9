import { describe, expect, test } from 'vitest'
import { hardwareOf, type MachineRecord } from './machine-record.ts'
import { type LocalMachine, type MachineStep, planMachine } from './plan-machine.ts'
import { desiredMachine } from './testing/fake-control-plane.ts'

const nowMs = 1_000_000
const nic = { id: 'eni-1', mac: '00:16:3e:00:00:05', ip: '10.0.0.5', primary: true, routerId: 'vpc-1' }
const on = desiredMachine('i-one', 'tiny', { nics: [nic], force: false })
const off = { ...on, power: 'off' as const }

const record: MachineRecord = {
  id: 'i-one',
  diskIds: ['d-i-one'],
  nicIds: ['eni-1'],
  bootGeneration: 1,
  hardware: hardwareOf(on),
  poweredItselfOff: false,
}

/** A machine as it is while everything is well; `changes` say what is not. */
function local(changes: Partial<LocalMachine> = {}): LocalMachine {
  return {
    record,
    process: 'running',
    disks: new Map([['d-i-one', 1]]),
    taps: new Set(['eni-1']),
    shutdownDeadlineMs: undefined,
    rebootDeadlineMs: undefined,
    rebooted: false,
    retryWriteAtMs: undefined,
    startAllowedAtMs: 0,
    ...changes,
  }
}

const nothing = local({ record: undefined, process: 'none', disks: new Map(), taps: new Set() })
const stopped = local({ process: 'none' })
const reboot = { ...on, bootGeneration: 2 }

describe('a machine that must not exist', () => {
  test.each<[string, LocalMachine, MachineStep['kind']]>([
    ['runs', local(), 'quit'],
    ['runs and is not known yet', local({ process: 'unknown' }), 'quit'],
    ['is off', stopped, 'forget'],
    ['left nothing', nothing, 'gone'],
  ])('%s', (_name, state, kind) => expect(planMachine(undefined, state, nowMs).kind).toBe(kind))
})

describe('a machine that must run', () => {
  test.each<[string, typeof on, LocalMachine, MachineStep['kind']]>([
    ['left nothing: its record comes before anything else', on, nothing, 'writeRecord'],
    ['has no disk', on, local({ process: 'none', disks: new Map() }), 'createDisk'],
    ['has no tap', on, local({ process: 'none', taps: new Set() }), 'ensureTap'],
    ['has all it needs', on, stopped, 'launch'],
    ['was started a moment ago and ended', on, local({ process: 'none', startAllowedAtMs: nowMs + 1 }), 'wait'],
    ['runs', on, local(), 'settled'],
    ['runs, and lost its tap', on, local({ taps: new Set() }), 'ensureTap'],
    ['runs, and is not known yet', on, local({ process: 'unknown' }), 'connect'],
    ['runs with other hardware', { ...on, memoryMiB: 999 }, local(), 'mismatch'],
    ['cannot go on', on, local({ process: 'crashed' }), 'quit'],
    ['powered itself off just now', on, local({ process: 'poweredOff' }), 'writeRecord'],
    [
      'powered itself off, and that is written down',
      on,
      local({ process: 'poweredOff', record: { ...record, poweredItselfOff: true } }),
      'quit',
    ],
    [
      'powered itself off, and stays off',
      on,
      local({ process: 'none', record: { ...record, poweredItselfOff: true } }),
      'settled',
    ],
    [
      'powered itself off before it was asked to boot again',
      reboot,
      local({ process: 'none', record: { ...record, poweredItselfOff: true } }),
      'launch',
    ],
    ['has no room to write', on, local({ process: 'stalled', retryWriteAtMs: nowMs + 1 }), 'wait'],
    ['may try to write again', on, local({ process: 'stalled', retryWriteAtMs: nowMs }), 'retryWrite'],
    ['has too small a disk while off', on, local({ process: 'none', disks: new Map([['d-i-one', 0.5]]) }), 'growDisk'],
    [
      'has a disk too many while off',
      on,
      local({ process: 'none', record: { ...record, diskIds: ['d-i-one', 'd-2'] } }),
      'dropParts',
    ],
  ])('%s', (_name, desired, state, kind) => expect(planMachine(desired, state, nowMs).kind).toBe(kind))
})

describe('a machine that must reboot', () => {
  test.each<[string, typeof on, LocalMachine, MachineStep['kind']]>([
    ['is asked first', reboot, local(), 'askReboot'],
    ['may take its time', reboot, local({ rebootDeadlineMs: nowMs + 1 }), 'wait'],
    ['took too long', reboot, local({ rebootDeadlineMs: nowMs }), 'reset'],
    ['is not asked when forced', { ...reboot, force: true }, local(), 'reset'],
    ['has done so', reboot, local({ rebootDeadlineMs: nowMs + 1, rebooted: true }), 'writeRecord'],
    ['powered off instead', reboot, local({ process: 'poweredOff' }), 'quit'],
    ['is off', reboot, stopped, 'launch'],
  ])('%s', (_name, desired, state, kind) => expect(planMachine(desired, state, nowMs).kind).toBe(kind))
})

describe('a machine that must be off', () => {
  test.each<[string, typeof off, LocalMachine, MachineStep['kind']]>([
    ['left nothing', off, nothing, 'writeRecord'],
    ['has no disk', off, local({ process: 'none', disks: new Map() }), 'createDisk'],
    ['runs', off, local(), 'askShutdown'],
    ['may take its time', off, local({ shutdownDeadlineMs: nowMs + 1 }), 'wait'],
    ['took too long', off, local({ shutdownDeadlineMs: nowMs }), 'quit'],
    ['is not asked when forced', { ...off, force: true }, local(), 'quit'],
    ['has shut down', off, local({ process: 'poweredOff' }), 'quit'],
    ['is off', off, stopped, 'settled'],
    [
      'forgets that it once powered itself off',
      off,
      local({ process: 'none', record: { ...record, poweredItselfOff: true } }),
      'writeRecord',
    ],
  ])('%s', (_name, desired, state, kind) => expect(planMachine(desired, state, nowMs).kind).toBe(kind))
})
