/** Cloud Assistant commands: what is accepted, and what runs. Pure. */

import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say, type Text } from '@pileus/kernel/messages/text'
import { errors } from '../errors.ts'
import type { TargetStatus } from '../tables/schema.ts'
import { decodeBase64 } from './plan-instances.ts'

export interface PlannedCommand {
  name: string
  description: string
  type: 'RunShellScript'
  /** Base64. */
  content: string
  workingDir: string
  timeoutS: number
  enableParameter: boolean
  resourceGroupId: string
}

interface CommandRequest {
  Name?: string | undefined
  Description?: string | undefined
  Type: string
  CommandContent: string
  ContentEncoding?: string | undefined
  WorkingDir?: string | undefined
  Timeout?: number | undefined
  EnableParameter?: boolean | undefined
  Launcher?: string | undefined
  ResourceGroupId?: string | undefined
}

const maxContentBytes = 18 * 1024
const maxNameLength = 128

/** `defaultEncoding`: CreateCommand takes base64 for granted, RunCommand plain text. */
export function planCommand(request: CommandRequest, defaultEncoding: 'Base64' | 'PlainText'): PlannedCommand {
  if (request.Type !== 'RunShellScript') throw apiError(errors['InvalidType.ValueNotSupported'], { type: request.Type })
  if (request.Launcher) {
    throw apiError(commonErrors.InvalidParameter, {
      parameter: 'Launcher',
      reason: say`scripts run with /bin/sh here.`,
    })
  }
  const name = request.Name ?? ''
  if ([...name].length > maxNameLength) throw apiError(errors['CmdName.ExceedLimit'], { limit: maxNameLength })
  return {
    name,
    description: request.Description ?? '',
    type: 'RunShellScript',
    content: readContent(request, defaultEncoding).toString('base64'),
    workingDir: request.WorkingDir ?? '',
    timeoutS: parseTimeout(request.Timeout) ?? 60,
    enableParameter: request.EnableParameter ?? false,
    resourceGroupId: request.ResourceGroupId ?? '',
  }
}

/** Seconds, 10 to a day. @throws InvalidParameter */
export function parseTimeout(seconds: number | undefined): number | undefined {
  if (seconds === undefined || (Number.isInteger(seconds) && seconds >= 10 && seconds <= 86_400)) return seconds
  throw apiError(commonErrors.InvalidParameter, {
    parameter: 'Timeout',
    reason: say`it must be a whole number of seconds from 10 to 86400, and is ${seconds}.`,
  })
}

function readContent(request: CommandRequest, defaultEncoding: 'Base64' | 'PlainText'): Buffer {
  if (!request.CommandContent) throw apiError(commonErrors.MissingParameter, { parameter: 'CommandContent' })
  const encoding = request.ContentEncoding || defaultEncoding
  const bytes = encoding === 'PlainText' ? Buffer.from(request.CommandContent) : decodeBase64(request.CommandContent)
  if (encoding !== 'PlainText' && encoding !== 'Base64') {
    throw apiError(commonErrors.InvalidParameter, {
      parameter: 'ContentEncoding',
      reason: say`it must be PlainText or Base64, and is "${encoding}".`,
    })
  }
  if (!bytes) throw apiError(errors['InvalidCommandContent.DecodeError'])
  if (bytes.length > maxContentBytes) {
    throw apiError(errors['CommandContent.ExceedLimit'], { size: bytes.length, limit: maxContentBytes })
  }
  return bytes
}

const place = /\{\{\s*([\w:.-]+)\s*\}\}/g

/** Names of the `{{name}}` places, in order, each once. Built-in ones (`ACS::…`) are left out. */
export function parameterNames(content: string): string[] {
  const text = Buffer.from(content, 'base64').toString('utf8')
  const names = [...text.matchAll(place)].map((match) => match[1] ?? '')
  return [...new Set(names.filter((name) => !name.startsWith('ACS::')))]
}

/** Fills `{{name}}` places. @throws InvalidCmdParam.Missing, CmdParam.EmptyKey, InvalidParameter */
export function fillParameters(content: string, given: Readonly<Record<string, unknown>>): string {
  if (Object.keys(given).some((key) => key.trim() === '')) throw apiError(errors['CmdParam.EmptyKey'])
  const byName = new Map(Object.entries(given).map(([key, value]) => [key, String(value)]))
  const text = Buffer.from(content, 'base64').toString('utf8')
  const filled = text.replace(place, (whole, name: string) => {
    if (name.startsWith('ACS::')) {
      throw apiError(commonErrors.InvalidParameter, {
        parameter: 'CommandContent',
        reason: say`the built-in parameter ${whole} is not offered.`,
      })
    }
    const value = byName.get(name)
    if (value === undefined) throw apiError(errors['InvalidCmdParam.Missing'], { name })
    return value
  })
  return Buffer.from(filled).toString('base64')
}

interface InvokeOptions {
  RepeatMode?: string | undefined
  Timed?: boolean | undefined
  Frequency?: string | undefined
  ContainerId?: string | undefined
  ContainerName?: string | undefined
  OssOutputDelivery?: string | undefined
  WindowsPasswordName?: string | undefined
}

/** Commands run once, now, in the guest itself. @throws InvalidParameter */
export function refuseUnsupportedInvocation(request: InvokeOptions): void {
  const refuse = (parameter: string, reason: Text) => {
    throw apiError(commonErrors.InvalidParameter, { parameter, reason })
  }
  if (request.RepeatMode && request.RepeatMode !== 'Once') refuse('RepeatMode', say`commands run once here; use Once.`)
  if (request.Timed) refuse('Timed', say`commands run once here.`)
  if (request.Frequency) refuse('Frequency', say`commands run once here.`)
  if (request.ContainerId) refuse('ContainerId', say`commands run in the guest itself.`)
  if (request.ContainerName) refuse('ContainerName', say`commands run in the guest itself.`)
  if (request.OssOutputDelivery) refuse('OssOutputDelivery', say`output is not delivered to OSS.`)
  if (request.WindowsPasswordName) refuse('WindowsPasswordName', say`the guests are Linux.`)
}

export type InvocationStatus = 'Pending' | 'Running' | 'Success' | 'Failed' | 'Stopped' | 'PartialFailed' | 'Stopping'

/** The whole of an invocation, from its targets. */
export function invocationStatus(targets: readonly TargetStatus[]): InvocationStatus {
  const any = (status: TargetStatus) => targets.includes(status)
  if (any('Stopping')) return 'Stopping'
  if (any('Running')) return 'Running'
  if (any('Pending')) return targets.every((status) => status === 'Pending') ? 'Pending' : 'Running'
  if (targets.every((status) => status === 'Success')) return 'Success'
  if (any('Success')) return 'PartialFailed'
  return any('Stopped') && !any('Failed') && !any('Timeout') ? 'Stopped' : 'Failed'
}

/** The older of the two status fields of the API. */
export function invokeStatus(status: InvocationStatus | TargetStatus): string {
  switch (status) {
    case 'Pending':
    case 'Running':
      return 'Running'
    case 'Success':
      return 'Finished'
    case 'Timeout':
      return 'Failed'
    default:
      return status
  }
}

/** `InvokeRecordStatus`, which a result has beside its `InvocationStatus`. */
export function recordStatus(status: TargetStatus): string {
  return status === 'Pending' || status === 'Stopping'
    ? 'Running'
    : status === 'Success'
      ? 'Finished'
      : invokeStatus(status)
}

/** Content in the encoding asked for; answers use base64 unless `PlainText` is wanted. */
export function encodeContent(base64: string, encoding: string | undefined): string {
  return encoding === 'PlainText' ? Buffer.from(base64, 'base64').toString('utf8') : base64
}

/** Statuses that `InvokeRecordStatus` asks for. @throws InvalidParameter */
export function parseRecordStatus(status: string | undefined): TargetStatus[] | undefined {
  switch (status) {
    case undefined:
    case '':
    case 'All':
      return undefined
    case 'Running':
      return ['Pending', 'Running', 'Stopping']
    case 'Finished':
      return ['Success']
    case 'Success':
      return ['Success']
    case 'Failed':
      return ['Failed', 'Timeout']
    case 'Stopped':
      return ['Stopped']
    default:
      throw apiError(commonErrors.InvalidParameter, {
        parameter: 'InvokeRecordStatus',
        reason: say`it must be Running, Finished, Success, Failed or Stopped, and is "${status}".`,
      })
  }
}
