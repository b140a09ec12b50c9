/** Tries to reach a victim's resources, and tells how the answer differs from one about what never existed. */
import type { AnyOperation } from '@pileus/kernel/operation'
import type { RpcAnswer } from '@pileus/testkit/rpc-client'
import type { Case } from './cases.ts'
import { type Ids, type Intruder, isGlobal, type Kind } from './estate.ts'

// biome-ignore lint/suspicious/noExplicitAny: operations of every product.
type Operation = AnyOperation<any>

/** The kinds of resources that a case names. */
export function kindsOf(one: Case, like: Ids): Kind[] {
  const seen = new Set<Kind>()
  one(
    new Proxy(like, {
      get(ids, kind) {
        seen.add(kind as Kind)
        return ids[kind as Kind]
      },
    }),
  )
  return [...seen]
}

export function call(intruder: Intruder, operation: Operation, one: Case, ids: Ids) {
  const region = operation.rules.scope === 'global' ? {} : { RegionId: intruder.regionId }
  const { product, name, version } = operation.ref
  const caller = product === 'Sts' ? intruder.user : intruder.account
  return caller.call(product, name, { ...one(ids), ...region }, { system: { Version: version } })
}

/** An answer as one text, with ids and clocks put aside: two that say the same are equal. */
export function signatureOf({ status, body }: RpcAnswer, ids: Ids): string {
  const { RequestId: _, ...rest } = body
  let text = JSON.stringify(rest)
  const longestFirst = Object.entries(ids).sort(([, a], [, b]) => b.length - a.length)
  for (const [kind, id] of longestFirst) text = text.replaceAll(id, `<${kind}>`)
  return `${status} ${text.replace(/("(?:LastHeartbeatTime|StartTime|EndTime)":)"[^"]*"/g, '$1"<time>"')}`
}

/** How answers about the victim's resources differ from answers about none; nothing when they do not. */
export async function listLeaks(
  intruder: Intruder,
  operation: Operation,
  one: Case,
  victim: Ids,
  nothing: Ids,
): Promise<string[]> {
  const crossesAccounts = intruder.ids.roleArn.split('role/')[0] !== victim.roleArn.split('role/')[0]
  const kinds = kindsOf(one, victim).filter((kind) => crossesAccounts || !isGlobal(kind))
  const attempts: Kind[][] = kinds.length > 1 ? [kinds, ...kinds.map((kind) => [kind])] : [kinds]
  const leaks: string[] = []
  for (const attempt of attempts) {
    const reaching = { ...intruder.ids, ...pick(victim, attempt) }
    const groping = { ...intruder.ids, ...pick(nothing, attempt) }
    const reached = await call(intruder, operation, one, reaching)
    const groped = await call(intruder, operation, one, groping)
    const [got, expected] = [signatureOf(reached, reaching), signatureOf(groped, groping)]
    if (got !== expected) leaks.push(`${attempt.join('+')}: ${got} instead of ${expected}`)
    const asked = Object.values(one(reaching)).join(' ')
    const others = Object.entries(victim).filter(
      ([kind, id]) => !asked.includes(id) && (crossesAccounts || !isGlobal(kind as Kind)),
    )
    const text = JSON.stringify(reached.body)
    for (const [kind, id] of others) {
      if (text.includes(id)) leaks.push(`${attempt.join('+') || 'no id'}: the answer holds the victim's ${kind}`)
    }
  }
  return leaks
}

function pick(ids: Ids, kinds: readonly Kind[]): Partial<Ids> {
  return Object.fromEntries(kinds.map((kind) => [kind, ids[kind]]))
}
