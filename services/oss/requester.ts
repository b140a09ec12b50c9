/** The account or user whose limits a request is about. */
import { say } from '@pileus/kernel/messages/text'
import type { ObjectRequest } from '@pileus/kernel/object-protocol'
import { invalid } from './domain/headers.ts'

/** @throws InvalidArgument */
export function readRequester({ query }: ObjectRequest): string {
  const uid = query.get('qosRequester') ?? ''
  if (/^\d{1,32}$/.test(uid)) return uid
  throw invalid('qosRequester', uid, say`qosRequester must be the id of an account or a user.`)
}
