import type { ObservedCommand, ObservedMachine } from '@pileus/kernel/fabric/machines'
import { describe, expect, test } from 'vitest'
import { commandColumns, differs, observedColumns, wasShutDownByGuest } from './observed.ts'

const machine = (fields: Partial<ObservedMachine> = {}): ObservedMachine => ({
  id: 'i-1',
  generation: 2,
  bootGeneration: 2,
  power: 'on',
  guestReady: true,
  startedAt: '2026-01-01T00:00:00.000Z',
  commands: [],
  ...fields,
})

test('a report differs from the row when anything of it does', () => {
  const row = observedColumns(machine())
  expect(differs(row, observedColumns(machine()))).toBe(false)
  for (const change of [
    { power: 'off' },
    { generation: 3 },
    { bootGeneration: 3 },
    { guestReady: false },
    { error: 'no disk' },
    { startedAt: '2026-01-01T00:00:01.000Z' },
  ] as const) {
    expect(differs(row, observedColumns(machine(change))), JSON.stringify(change)).toBe(true)
  }
})

describe('wasShutDownByGuest', () => {
  const row = { desired_power: 'on', boot_generation: 2 } as const
  const off = { power: 'off', poweredItselfOff: true } as const
  test.each([
    ['the guest powered off', row, off, true],
    ['the host lost the machine', row, { power: 'off' }, false],
    ['it runs', row, {}, false],
    ['a boot was asked for since', { ...row, boot_generation: 3 }, off, false],
    ['it is to be off anyway', { ...row, desired_power: 'off' }, off, false],
  ] as const)('%s', (_what, instance, fields, expected) => {
    expect(wasShutDownByGuest(instance, machine(fields))).toBe(expected)
  })
})

describe('commandColumns', () => {
  const base = { id: 't-1', startedAt: '2026-01-01T00:00:00Z', output: 'aGk=', dropped: 0 }
  const finishedAt = '2026-01-01T00:00:01Z'
  test.each([
    [{ ...base, status: 'running' }, false, { status: 'Running', finished_at: null }],
    [{ ...base, status: 'running' }, true, { status: 'Stopping' }],
    [
      { ...base, status: 'finished', exitCode: 0, finishedAt },
      false,
      { status: 'Success', exit_code: 0, error_code: '' },
    ],
    [
      { ...base, status: 'finished', exitCode: 3, finishedAt },
      false,
      { status: 'Failed', exit_code: 3, error_code: 'ExitCodeNonzero' },
    ],
    [{ ...base, status: 'timedOut', finishedAt }, false, { status: 'Timeout', error_code: 'Timeout' }],
    [{ ...base, status: 'stopped', finishedAt }, true, { status: 'Stopped' }],
    [
      { ...base, status: 'failed', errorCode: 'E', errorInfo: 'why', finishedAt },
      false,
      { status: 'Failed', error_code: 'E', error_info: 'why' },
    ],
  ] as [ObservedCommand, boolean, object][])('%o', (command, stopRequested, expected) => {
    expect(commandColumns(command, stopRequested)).toMatchObject(expected)
  })
})
