/** What an agent's report means for the rows of its machines. Pure. */
import type { ObservedCommand, ObservedMachine } from '@pileus/kernel/fabric/machines'
import type { InstanceRow, TargetStatus } from '../tables/schema.ts'

export type ObservedColumns = Pick<
  InstanceRow,
  | 'observed_power'
  | 'observed_generation'
  | 'observed_boot_generation'
  | 'observed_started_at'
  | 'guest_ready'
  | 'machine_error'
>

/** The instance's observed side after the report. */
export function observedColumns(machine: ObservedMachine): ObservedColumns {
  return {
    observed_power: machine.power,
    observed_generation: machine.generation,
    observed_boot_generation: machine.bootGeneration,
    observed_started_at: machine.startedAt === undefined ? null : new Date(machine.startedAt),
    guest_ready: machine.guestReady,
    machine_error: machine.error ?? null,
  }
}

/** Whether applying the report would change the row. */
export function differs(row: ObservedColumns, next: ObservedColumns): boolean {
  return (
    row.observed_power !== next.observed_power ||
    row.observed_generation !== next.observed_generation ||
    row.observed_boot_generation !== next.observed_boot_generation ||
    row.observed_started_at?.getTime() !== next.observed_started_at?.getTime() ||
    row.guest_ready !== next.guest_ready ||
    row.machine_error !== next.machine_error
  )
}

/**
 * Whether the guest shut itself down since the last boot that was asked for: customers then see `Stopped`, as they
 * would after StopInstance. A machine that is off for another reason is started again by its host.
 */
export function wasShutDownByGuest(
  row: Pick<InstanceRow, 'desired_power' | 'boot_generation'>,
  machine: ObservedMachine,
): boolean {
  return (
    row.desired_power === 'on' &&
    machine.power === 'off' &&
    machine.poweredItselfOff === true &&
    machine.bootGeneration === row.boot_generation
  )
}

export interface CommandColumns {
  status: TargetStatus
  output: string
  dropped: number
  exit_code: number | null
  error_code: string
  error_info: string
  started_at: Date
  finished_at: Date | null
}

/** A command's row after the report. */
export function commandColumns(command: ObservedCommand, stopRequested: boolean): CommandColumns {
  const base = {
    output: command.output,
    dropped: command.dropped,
    exit_code: null,
    error_code: '',
    error_info: '',
    started_at: new Date(command.startedAt),
    finished_at: null,
  }
  switch (command.status) {
    case 'running':
      return { ...base, status: stopRequested ? 'Stopping' : 'Running' }
    case 'finished':
      return {
        ...base,
        status: command.exitCode === 0 ? 'Success' : 'Failed',
        exit_code: command.exitCode,
        error_code: command.exitCode === 0 ? '' : 'ExitCodeNonzero',
        error_info: command.exitCode === 0 ? '' : 'The script ended with a nonzero exit code.',
        finished_at: new Date(command.finishedAt),
      }
    case 'timedOut':
      return {
        ...base,
        status: 'Timeout',
        error_code: 'Timeout',
        error_info: 'The script ran longer than its timeout and was ended.',
        finished_at: new Date(command.finishedAt),
      }
    case 'stopped':
      return {
        ...base,
        status: 'Stopped',
        error_code: 'Terminated',
        error_info: 'The script was ended by StopInvocation.',
        finished_at: new Date(command.finishedAt),
      }
    case 'failed':
      return {
        ...base,
        status: 'Failed',
        error_code: command.errorCode,
        error_info: command.errorInfo,
        finished_at: new Date(command.finishedAt),
      }
  }
}
