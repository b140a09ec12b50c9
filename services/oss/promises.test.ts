/** Promises that every operation of object storage must keep: nobody can forget a new one. */
import { createHmac } from 'node:crypto'
import { sdkModel } from '@pileus/testkit/sdk-clients'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { implementedOssOperations, operations } from './operations.ts'

/** What anyone may ask, and why. */
const openToAll: Readonly<Record<string, string>> = {
  OptionObject: 'browsers ask it without a signature',
  OptionBucket: 'browsers ask it without a signature',
  DeleteMultipleObjects: 'asks about each key as DeleteObject',
}

const bucket = 'promises'
let cloud: TestCloud
let nobody: TestAccount
beforeAll(async () => {
  cloud = await startTestCloud()
  const model = (action: string, fields: object) => new (sdkModel('@alicloud/ram20150501', `${action}Request`))(fields)
  await cloud.ram.createUser(model('CreateUser', { userName: 'nobody' }))
  const { body } = await cloud.ram.createAccessKey(model('CreateAccessKey', { userName: 'nobody' }))
  const { accessKeyId = '', accessKeySecret = '' } = body?.accessKey ?? {}
  nobody = cloud.as({ accessKeyId, accessKeySecret })
  await call(cloud, 'PUT', `/${bucket}/`, '', {})
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

async function call(account: TestAccount | undefined, method: string, path: string, query: string, headers: object) {
  const date = new Date().toUTCString()
  const own = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`)
  const text = `${method}\n\n\n${date}\n${own.join('')}${path}${query === '' ? '' : `?${query}`}`
  const signature = account && createHmac('sha1', account.accessKeySecret).update(text).digest('base64')
  const authorization = account ? { authorization: `OSS ${account.accessKeyId}:${signature}`, date } : {}
  const url = `http://${cloud.endpoint}${path}${query === '' ? '' : `?${query}`}`
  const answer = await fetch(url, { method, headers: { ...headers, ...authorization } })
  const error = answer.headers.get('x-oss-err')
  const body = error === null ? await answer.text() : Buffer.from(error, 'base64').toString()
  return { status: answer.status, code: /<Code>(\w+)/.exec(body)?.[1] }
}

test.each(operations.map((operation) => ({ name: operation.name, operation })))(
  '$name refuses strangers and users without a policy',
  async ({ name, operation }) => {
    const { method, level, subresources = [], header } = operation.route
    const path = level === 'service' ? '/' : level === 'bucket' ? `/${bucket}/` : `/${bucket}/key`
    const query = subresources.toSorted().join('&')
    // A form is signed by its own fields.
    if (operation.route.form) {
      const body = new FormData()
      body.set('key', 'k')
      body.set('file', new Blob(['x']))
      const answer = await fetch(`http://${cloud.endpoint}/${bucket}`, { method, body })
      expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('<Code>AccessDenied')])
      return
    }
    const headers = header === undefined ? {} : { [header]: `/${bucket}/other` }
    const stranger = level === 'service' ? undefined : await call(undefined, method, path, query, headers)
    const user = await call(nobody, method, path, query, headers)
    if (operation.permission === 'everybody') {
      expect(openToAll).toHaveProperty(name)
      expect(user.status).toBeLessThan(500)
      return
    }
    expect(user).toEqual({ status: 403, code: 'AccessDenied' })
    if (stranger) expect(stranger).toEqual({ status: 403, code: 'AccessDenied' })
  },
)

test('each operation has a name of its own, and places data only where it writes', () => {
  expect(new Set(implementedOssOperations).size).toBe(operations.length)
  for (const { name, route, places } of operations) {
    if (places) expect([name, ['PUT', 'POST']]).toEqual([name, expect.arrayContaining([route.method])])
  }
})
