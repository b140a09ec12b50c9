import type { ObjectRequest } from '@pileus/kernel/object-protocol'
import type { Principal } from '@pileus/kernel/ports'
import { expect, test } from 'vitest'
import type { Bucket } from './domain/bucket.ts'
import { checkRequestRules } from './request-rules.ts'

const referer = {
  allowEmpty: false,
  truncateQuery: true,
  truncatePath: false,
  allowed: ['https://a.example'],
  denied: [],
}
const bucket = { accountId: '1', settings: { referer } } as unknown as Bucket
const root = { kind: 'root', accountId: '1', accessKeyId: 'k' } as Principal

test('a link that is signed in its URL, in whichever way, is judged by where it stands', () => {
  const ask = (query: string[], from?: string) => {
    const headers = from === undefined ? {} : { referer: from }
    const entries = new Map(query.map((name) => [name, 'x']))
    checkRequestRules(bucket, { key: 'k', query: entries, headers } as unknown as ObjectRequest, root)
  }
  for (const name of ['Signature', 'x-oss-signature', 'X-Amz-Signature']) {
    expect(() => ask([name], 'https://evil.example'), name).toThrow('referer rules')
    expect(() => ask([name], 'https://a.example'), name).not.toThrow()
  }
  expect(() => ask([])).not.toThrow()
})
