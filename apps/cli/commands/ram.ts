import { userInfo } from 'node:os'
import type { AcceptRequest, acceptSnapshot as answerAccept } from '@pileus/cloud/accept-snapshot'
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

/** Shows what regions hold back because principals are gone, and lets it out when told so. */
export async function acceptSnapshot(options: { data?: string; yes?: boolean }): Promise<void> {
  const dataDir = dataDirOf(options)
  const ask = async (request: AcceptRequest) => {
    const answer = await askControlPlane<Awaited<ReturnType<typeof answerAccept>>>(
      dataDir,
      '/v1/ram/accept-snapshot',
      request,
      60_000,
    )
    if (!answer) throw new CliError(`no cloud runs on ${dataDir}; start one with ./pileus up`)
    return answer
  }
  const by = userInfo().username
  const { heldBack } = await ask({ by })
  if (!heldBack) {
    process.stdout.write('no region holds identities back\n')
    return
  }
  const { has, had, regionIds, digest } = heldBack
  process.stdout.write(
    `home has ${has} keys and identities with policies; copies of ${regionIds.length} regions still have up to ${had}:\n` +
      `${regionIds.map((id) => `  ${id}\n`).join('')}` +
      'While home is away, those regions would let in whoever is in their copies.\n',
  )
  if (!options.yes) {
    process.stdout.write('If the others were deleted on purpose, run this again with --yes.\n')
    process.exitCode = 1
    return
  }
  const { isAccepted } = await ask({ by, digest })
  if (!isAccepted) throw new CliError('nothing is held back any more')
  process.stdout.write('accepted: the regions have what home has\n')
}
