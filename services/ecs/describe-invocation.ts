/** How commands and what they did look on the wire. */
import type {
  DescribeInvocationResultsResponseInvocationInvocationResultsInvocationResult,
  DescribeInvocationsResponseInvocationsInvocation,
} from '@pileus/contract/generated/ecs'
import { isoSeconds } from '@pileus/kernel/clock'
import { encodeContent, invocationStatus, invokeStatus, recordStatus } from './domain/commands.ts'
import type { InvocationRow, TargetRow } from './tables/schema.ts'

const timeOf = (at: Date | null) => (at ? isoSeconds(at) : '')

export function describeResult(
  row: TargetRow & { username: string },
  encoding: string | undefined,
): DescribeInvocationResultsResponseInvocationInvocationResultsInvocationResult {
  return {
    InvokeId: row.invoke_id,
    CommandId: row.command_id,
    InstanceId: row.instance_id,
    InvocationStatus: row.status,
    InvokeRecordStatus: recordStatus(row.status),
    Output: encodeContent(row.output, encoding),
    Dropped: row.dropped,
    ...(row.exit_code === null ? {} : { ExitCode: row.exit_code }),
    ErrorCode: row.error_code,
    ErrorInfo: row.error_info,
    Repeats: row.started_at ? 1 : 0,
    StartTime: timeOf(row.started_at),
    StopTime: row.status === 'Stopped' ? timeOf(row.finished_at) : '',
    FinishedTime: timeOf(row.finished_at),
    Username: row.username,
    Tags: { Tag: [] },
  }
}

export function describeInvocation(
  row: InvocationRow,
  targets: readonly TargetRow[],
  how: { encoding: string | undefined; includeOutput: boolean },
): DescribeInvocationsResponseInvocationsInvocation {
  const status = invocationStatus(targets.map((target) => target.status))
  return {
    InvokeId: row.id,
    CommandId: row.command_id,
    CommandName: row.command_name,
    CommandDescription: row.command_description,
    CommandType: row.command_type,
    CommandContent: encodeContent(row.content, how.encoding),
    InvocationStatus: status,
    InvokeStatus: invokeStatus(status),
    CreationTime: isoSeconds(row.created_at),
    Frequency: '',
    Parameters: row.parameters,
    RepeatMode: 'Once',
    Timed: false,
    Timeout: row.timeout_s,
    Username: row.username,
    WorkingDir: row.working_dir,
    InvokeInstances: {
      InvokeInstance: targets.map((target) => ({
        InstanceId: target.instance_id,
        InvocationStatus: target.status,
        InstanceInvokeStatus: invokeStatus(target.status),
        CreationTime: isoSeconds(target.created_at),
        StartTime: timeOf(target.started_at),
        StopTime: target.status === 'Stopped' ? timeOf(target.finished_at) : '',
        FinishTime: timeOf(target.finished_at),
        UpdateTime: timeOf(target.finished_at ?? target.started_at ?? target.created_at),
        Repeats: target.started_at ? 1 : 0,
        Timed: false,
        Output: how.includeOutput ? encodeContent(target.output, how.encoding) : '',
        Dropped: target.dropped,
        ...(target.exit_code === null ? {} : { ExitCode: target.exit_code }),
        ErrorCode: target.error_code,
        ErrorInfo: target.error_info,
      })),
    },
    Tags: { Tag: [] },
  }
}
