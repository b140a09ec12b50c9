import { decodeRequest } from '@pileus/contract/decode'
import { ContractError } from '@pileus/contract/errors'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import type { Exchange } from '../exchange.ts'

/** Turns parameters into the operation's typed request. @throws MissingParameter, InvalidParameter */
export function decode(exchange: Exchange): void {
  const { meta, parameters } = exchange
  if (!meta) throw new Error(`the contract has no shapes for ${exchange.action}`)
  // The region was settled before, from wherever the caller gave it.
  const complete =
    parameters.get('RegionId') || !exchange.regionId
      ? parameters
      : new Map([...parameters, ['RegionId', exchange.regionId]])
  try {
    exchange.request = decodeRequest(meta, complete)
  } catch (error) {
    if (!(error instanceof ContractError)) throw error
    const { parameter, expected } = error
    if (expected === undefined) throw apiError(commonErrors.MissingParameter, { parameter })
    throw apiError(commonErrors.InvalidParameter, { parameter, reason: say`it must be ${expected}.` })
  }
}
