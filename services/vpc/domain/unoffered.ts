/** Parameters that ask for what this cloud does not have: refused by name, since ignoring them would change the meaning. */
import { apiError } from '@pileus/kernel/errors'
import { errors } from '../errors.ts'

/** @throws ResourceNotAvailable.Ipv6 naming the first parameter that asks for IPv6. */
export function refuseIpv6(parameters: Readonly<Record<string, unknown>>): void {
  for (const [parameter, value] of Object.entries(parameters)) {
    if (asks(value)) throw apiError(errors['ResourceNotAvailable.Ipv6'], { parameter })
  }
}

/** @throws ResourceNotAvailable.Ipam */
export function refuseIpam(parameters: Readonly<Record<string, unknown>>): void {
  for (const [parameter, value] of Object.entries(parameters)) {
    if (asks(value)) throw apiError(errors['ResourceNotAvailable.Ipam'], { parameter })
  }
}

function asks(value: unknown): boolean {
  return value !== undefined && value !== '' && value !== false
}
