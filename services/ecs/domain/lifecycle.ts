/**
 * Life of an instance. An operation writes intent (power, boot and document generations, deletion), a host's agent
 * what it observes; the status that customers see is computed by the table from both and written by nobody.
 */

import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { errors } from '../errors.ts'
import type { InstanceStatus } from '../port.ts'

/** Statuses each action accepts; any other answers `IncorrectInstanceStatus`. */
export const acceptedFrom = {
  StartInstance: ['Stopped'],
  StopInstance: ['Running'],
  RebootInstance: ['Running'],
  DeleteInstance: ['Stopped'],
  /** With `Force`. */
  DeleteInstanceForced: ['Pending', 'Starting', 'Running', 'Stopping', 'Stopped'],
  ModifyInstanceSpec: ['Stopped'],
  ResizeDisk: ['Running', 'Stopped'],
  AttachDisk: ['Running', 'Stopped'],
  DetachDisk: ['Running', 'Stopped'],
  ReInitDisk: ['Stopped'],
} as const satisfies Record<string, readonly InstanceStatus[]>

export type GuardedAction = keyof typeof acceptedFrom

/** @throws IncorrectInstanceStatus */
export function assertStatus(action: GuardedAction, instance: { id: string; status: InstanceStatus }): void {
  const accepted: readonly InstanceStatus[] = acceptedFrom[action]
  if (accepted.includes(instance.status)) return
  throw apiError(errors.IncorrectInstanceStatus, {
    instanceId: instance.id,
    status: instance.status,
    action: action === 'DeleteInstanceForced' ? 'DeleteInstance' : action,
    expected: accepted.join(' or '),
  })
}

/** What StopInstance(s) ask for. @throws InvalidParameter */
export function parseStoppedMode(request: {
  StoppedMode?: string | undefined
  Hibernate?: boolean | undefined
}): 'KeepCharging' | 'StopCharging' {
  if (request.Hibernate) {
    throw apiError(commonErrors.InvalidParameter, { parameter: 'Hibernate', reason: say`hibernation is not offered.` })
  }
  const mode = request.StoppedMode || 'KeepCharging'
  if (mode === 'KeepCharging' || mode === 'StopCharging') return mode
  throw apiError(commonErrors.InvalidParameter, {
    parameter: 'StoppedMode',
    reason: say`it must be KeepCharging or StopCharging, and is "${mode}".`,
  })
}
