import type { DesiredMachine } from './machines.ts'

/** What may be written to a disk of the machines: all but the credentials of their roles, which will be told again. */
export function withoutCredentials<Machine extends Pick<DesiredMachine, 'metadata'>>(machine: Machine): Machine {
  const { ramRole, ...metadata } = machine.metadata
  return ramRole === undefined ? machine : { ...machine, metadata }
}
