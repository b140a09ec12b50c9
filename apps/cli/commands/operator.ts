import type { EnrolledOperator } from '@pileus/operators/enroll'
import { operators } from '@pileus/world/operators'
import { CliError } from '../cli-error.ts'
import { askControlPlane } from '../control-client.ts'
import { dataDirOf } from '../paths.ts'

/** Prints who runs which regions, and which of them have an account here. */
export async function listOperators(options: { data?: string; json?: boolean }): Promise<void> {
  const enrolled = await askControlPlane<{ operatorId: string; accountId: string }[]>(
    dataDirOf(options),
    '/v1/operators',
  )
  const rows = operators.map((operator) => ({
    ...operator,
    accountId: enrolled?.find(({ operatorId }) => operatorId === operator.id)?.accountId,
  }))
  if (options.json) {
    process.stdout.write(`${JSON.stringify(rows)}\n`)
    return
  }
  for (const row of rows) {
    const account = row.accountId ?? (enrolled ? 'not enrolled' : 'no cloud runs here')
    process.stdout.write(`${row.id}  ${row.brand} (${row.form}), account: ${account}\n`)
    process.stdout.write(`    regions   ${row.regionIds.join(' ')}\n`)
    process.stdout.write(
      `    support   ${row.supportLanguages.join(', ')}; ${row.supportHours.ordinary} ${row.supportHours.timeZone}\n`,
    )
  }
}

/** Opens an operator's account and prints its root key, this once. */
export async function enroll(operatorId: string, options: { data?: string; json?: boolean }): Promise<void> {
  const dataDir = dataDirOf(options)
  const made = await askControlPlane<EnrolledOperator>(dataDir, '/v1/operators/enroll', { operatorId }).catch(
    (error) => {
      throw new CliError((error as Error).message)
    },
  )
  if (!made) throw new CliError(`no cloud runs on ${dataDir}; start one with ./pileus up`)
  if (options.json) {
    process.stdout.write(`${JSON.stringify(made)}\n`)
    return
  }
  process.stdout.write(`operator ${made.operatorId} has the account ${made.accountId}
  access key id      ${made.accessKeyId}
  access key secret  ${made.accessKeySecret}
Keep the secret now: it is not shown again. Make a RAM user with this key for each administrator, and let them call
operators:*; emergency access asks for two of them.
`)
}
