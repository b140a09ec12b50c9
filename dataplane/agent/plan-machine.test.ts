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
    hotDisks: new Map(),
    unplugs: new Map(),
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

describe('the disks of a machine that runs', () => {
  const data = { id: 'd-2', role: 'data' as const, sizeGiB: 2, source: { kind: 'blank' as const } }
  const withData = { ...on, disks: [...on.disks, data] }
  const known = { ...record, diskIds: ['d-i-one', 'd-2'] }
  const sizes = new Map([
    ['d-i-one', 1],
    ['d-2', 2],
  ])
  const has = (state: 'plugged' | 'open' | undefined, changes: Partial<LocalMachine> = {}) =>
    local({ record: known, disks: sizes, hotDisks: new Map(state ? [['d-2', state]] : []), ...changes })
  const asked = (askAgainAtMs: number, deadlineMs: number) => ({
    unplugs: new Map([['d-2', { askAgainAtMs, deadlineMs }]]),
  })
  const small = new Map([...sizes, ['d-2', 1]])
  test.each<[string, typeof on, LocalMachine, object]>([
    ['a new one is named first', withData, local(), { kind: 'writeRecord' }],
    ['a new one is made', withData, local({ record: known }), { kind: 'createDisk' }],
    ['a new one is plugged', withData, has(undefined), { kind: 'plugDisk' }],
    ['one that QEMU has opened is plugged', withData, has('open'), { kind: 'plugDisk' }],
    ['one that is there stays', withData, has('plugged'), { kind: 'settled' }],
    ['a small one grows before it is plugged', withData, has(undefined, { disks: small }), { online: false }],
    ['a small one grows while it is plugged', withData, has('plugged', { disks: small }), { online: true }],
    ['the guest is asked to let go', on, has('plugged'), { kind: 'unplugDisk', volume: 'd-2' }],
    ['the guest may take its time', on, has('plugged', asked(nowMs + 1, nowMs + 2)), { untilMs: nowMs + 1 }],
    ['the guest is asked again', on, has('plugged', asked(nowMs, nowMs + 2)), { kind: 'unplugDisk' }],
    ['the guest took too long', on, has('plugged', asked(nowMs, nowMs)), { kind: 'forceDisk' }],
    ['one that the guest let go of is closed', on, has('open', asked(nowMs + 1, nowMs + 2)), { kind: 'unplugDisk' }],
    ['one that is closed is let go of', on, has(undefined), { kind: 'dropParts', diskIds: ['d-2'], record }],
    [
      'one that cannot be made keeps nothing from stopping',
      { ...withData, power: 'off' },
      local({ record: known }),
      { kind: 'askShutdown' },
    ],
  ])('%s', (_name, desired, state, step) => expect(planMachine(desired, state, nowMs)).toMatchObject(step))
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
