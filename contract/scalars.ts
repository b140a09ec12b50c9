import { ContractError } from './errors.ts'

/** A decimal number; integers must be exact in a double. @throws ContractError */
export function readNumber(text: string, name: string): number {
  if (text.length > 40 || !/^[+-]?\d+(\.\d+)?$/.test(text)) throw ContractError.invalid(name, 'a decimal number')
  return checkNumber(Number(text), name)
}

/** @throws ContractError */
export function checkNumber(value: number, name: string): number {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value
  throw ContractError.invalid(name, 'a number between -{limit} and {limit}', { limit: String(Number.MAX_SAFE_INTEGER) })
}

/** `true` or `false` in any case. @throws ContractError */
export function readBoolean(text: string, name: string): boolean {
  const lower = text.length <= 5 ? text.toLowerCase() : ''
  if (lower === 'true') return true
  if (lower === 'false') return false
  throw ContractError.invalid(name, 'true or false')
}
