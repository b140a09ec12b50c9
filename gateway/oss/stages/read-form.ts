import { say } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { ossErrors } from '../errors.ts'
import type { ObjectExchange } from '../exchange.ts'
import { isPostForm, readPostForm } from '../post-form.ts'

/** Reads the fields of an upload by form; they say the key, and stand for headers. */
export function readForm(exchange: ObjectExchange): void | Promise<void> {
  const { incoming, address } = exchange
  if (address.bucket === undefined || address.key !== undefined || !isPostForm(incoming)) return
  return readPostForm(incoming).then((form) => {
    exchange.form = form
    const key = form.fields.get('key')
    if (!key) throw objectError(ossErrors.InvalidArgument, { facts: { reason: say`The form needs the field key.` } })
    exchange.address = { ...address, key }
    exchange.addresses = [exchange.address]
  })
}
