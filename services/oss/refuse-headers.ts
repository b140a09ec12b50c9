import type { IncomingHttpHeaders } from 'node:http'
import { say } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from './errors.ts'

/** Headers that change what a write means, and that this cloud cannot honour. */
const unsupported = ['if-match', 'if-none-match']

/** @throws NotImplemented that names the header */
export function refuseUnsupportedHeaders(headers: IncomingHttpHeaders): void {
  const name = unsupported.find((one) => headers[one] !== undefined)
  if (name)
    throw objectError(errors.NotImplemented, { facts: { what: say`The header ${name}` }, details: { Header: name } })
}
