import { say } from '@pileus/kernel/messages/text'
import { invalid } from './parameters.ts'

/** How many bytes the data key has: 32 when the request says nothing. @throws InvalidParameter */
export function parseDataKeyBytes(request: {
  KeySpec?: string | undefined
  NumberOfBytes?: number | undefined
}): number {
  const { KeySpec: spec, NumberOfBytes: count } = request
  if (count !== undefined) {
    if (!Number.isInteger(count) || count < 1 || count > 1_024)
      throw invalid('NumberOfBytes', say`it must be 1 to 1024.`)
    return count
  }
  if (spec === undefined || spec === 'AES_256') return 32
  if (spec === 'AES_128') return 16
  throw invalid('KeySpec', say`it must be AES_256 or AES_128.`)
}
