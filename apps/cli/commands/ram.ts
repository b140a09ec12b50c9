import type { ReadyBlock } from '@pileus/cloud/config'
import { callApi } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { askControlPlane } from '../control-client.ts'
import { dataDirOf } from '../paths.ts'

export interface SimulateOptions {
  data?: string
  principal: string
  action: string
  resource: string[]
  condition: string[]
  sessionPolicy?: string
  json?: boolean
}

interface Simulation {
  Decision: string
  Reason: string
  DecidingResource: string
  MatchedStatement?: Record<string, unknown>
}

/** Says whether a principal would be allowed, and why; exits with 1 when it would not. */
export async function simulate(options: SimulateOptions): Promise<void> {
  const dataDir = dataDirOf(options)
  const ready = await askControlPlane<ReadyBlock>(dataDir, '/v1/ready')
  if (!ready) throw new CliError(`no cloud runs on ${dataDir}; start one with ./pileus up`)
  const answer = await callApi<Simulation>(ready, '2015-05-01', 'SimulatePrincipalPolicy', simulation(options, ready))
  process.stdout.write(options.json ? `${JSON.stringify(answer)}\n` : `${answer.Decision}\n${answer.Reason}\n`)
  if (answer.Decision !== 'allowed') process.exitCode = 1
}

/** Parameters of the call. @throws CliError for a condition that is not `key=value` */
export function simulation(
  options: SimulateOptions,
  { accountId }: Pick<ReadyBlock, 'accountId'>,
): Record<string, string> {
  const { principal, action, resource, condition, sessionPolicy } = options
  const parameters: Record<string, string> = {
    PrincipalArn: principal.startsWith('acs:') ? principal : `acs:ram::${accountId}:${principal}`,
    ActionName: action,
    ...(sessionPolicy === undefined ? {} : { SessionPolicy: sessionPolicy }),
  }
  for (const [index, arn] of resource.entries()) parameters[`ResourceArns.${index + 1}`] = arn
  for (const [index, text] of condition.entries()) {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
    if (key === undefined || value === undefined) {
      throw new CliError(`--condition "${text}" is not <key>=<value>, such as acs:SourceIp=10.0.0.1`)
    }
    parameters[`ConditionEntries.${index + 1}.Key`] = key
    parameters[`ConditionEntries.${index + 1}.Value`] = value
  }
  return parameters
}
