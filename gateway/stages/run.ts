import type { Clock } from '@pileus/kernel/clock'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import { claimToken, keepAnswer, type TokenUse } from '@pileus/kernel/idempotency'
import type { Log } from '@pileus/kernel/log'
import { say } from '@pileus/kernel/messages/text'
import type { AnyOperation, OperationContext } from '@pileus/kernel/operation'
import type { AuditSink } from '@pileus/kernel/ports'
import type { Db, Store } from '@pileus/kernel/store/store'
import { wake } from '@pileus/kernel/wake'
import { gatewayErrors } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import { headerOf } from '../http-request.ts'
import { recordOf } from '../record.ts'

export interface RunOptions {
  store: Store
  clock: Clock
  hosted: HostedRegions
  audit: AuditSink
  log: Log
}

/** Most tries of a transaction that the database ended for a deadlock; operations only write intent, so they may. */
const maxTries = 4

/** Runs the operation: reads on the database, writes in one transaction. */
export function run(options: RunOptions) {
  return async (exchange: Exchange): Promise<void> => {
    const { operation } = exchange
    if (!operation) throw new Error('run comes after resolve')
    try {
      exchange.response = await (operation.kind === 'read'
        ? operation.run(contextOf(exchange, options, options.store.db), exchange.request)
        : runWrite(exchange, operation, options))
    } catch (error) {
      if (hasUnstorableText(error)) throw apiError(gatewayErrors['InvalidParameter.Character'], {}, { cause: error })
      throw error
    }
  }
}

async function runWrite(exchange: Exchange, operation: AnyOperation, options: RunOptions): Promise<unknown> {
  if (operation.rules.dryRunBy?.(exchange.request as never)) {
    await options.store.rehearse((tx) => operation.run(contextOf(exchange, options, tx), exchange.request))
    throw apiError(commonErrors.DryRunOperation)
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await options.store.transaction(async (tx) => {
        const made = await runOnce(exchange, options, tx)
        await options.audit.recordIn(tx, recordOf(exchange, { httpStatus: 200 }, made))
        return made
      })
      exchange.isRecorded = true
      return response
    } catch (error) {
      if (!isDeadlock(error) || attempt === maxTries) throw error
    }
  }
}

async function runOnce(exchange: Exchange, options: RunOptions, tx: Db): Promise<unknown> {
  const { operation, principal, regionId, request } = exchange
  if (!operation || !principal || !regionId) throw new Error('run comes after resolve, authenticate and place')
  const token = operation.rules.idempotentBy?.(request as never)
  const context = contextOf(exchange, options, tx)
  if (!token) return await operation.run(context, request)
  if (!/^[\x20-\x7e]{1,64}$/.test(token)) {
    throw apiError(commonErrors.InvalidParameter, {
      parameter: 'ClientToken',
      reason: say`it must have 1 to 64 ASCII characters.`,
    })
  }
  const { accountId } = principal
  const { name, product } = operation.ref
  const use: TokenUse = { accountId, regionId, action: `${product}:${name}`, token, request, at: options.clock.now() }
  const claim = await claimToken(tx, use)
  if (claim.kind === 'repeat') return claim.response
  const response = await operation.run(context, request)
  await keepAnswer(tx, use, response)
  return response
}

function contextOf(exchange: Exchange, options: RunOptions, db: Db): OperationContext {
  const { principal, regionId, http } = exchange
  if (!principal || !regionId) throw new Error('run comes after authenticate and place')
  return {
    requestId: exchange.requestId,
    clock: options.clock,
    db,
    principal,
    accountId: principal.accountId,
    regionId,
    hosted: options.hosted,
    language: exchange.language,
    sourceIp: http.sourceIp,
    endpoint: headerOf(http, 'host') ?? '',
    secureTransport: http.secureTransport,
    log: options.log,
    wake: (topic) => wake(db, topic),
  }
}

function isDeadlock(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  return code === '40P01' || code === '40001'
}

/** A NUL that came inside a JSON parameter, which text columns (22021) and documents (22P05) refuse. */
function hasUnstorableText(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  return code === '22021' || code === '22P05'
}
