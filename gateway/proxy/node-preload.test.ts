import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type CertificateAuthority, ensureCertificateAuthority } from '../tls/certificate-authority.ts'
import { createForwardProxy } from './forward-proxy.ts'

const run = promisify(execFile)
let directory: string
let authority: CertificateAuthority
let proxy: Server
let proxyUrl: string
let arrived: { host: string | undefined; action: unknown; secure: boolean }[]

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'pileus-preload-'))
  authority = await ensureCertificateAuthority(directory)
  proxy = createForwardProxy({
    contextFor: authority.contextFor,
    onHttp: (request, response) => {
      const { host, 'x-acs-action': action } = request.headers
      arrived.push({ host, action, secure: 'encrypted' in request.socket })
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ RequestId: 'R', AccountId: '1234567890123456' }))
    },
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
})

beforeEach(() => {
  arrived = []
})

afterAll(async () => {
  proxy.close()
  proxy.closeAllConnections()
  await rm(directory, { recursive: true, force: true })
})

/** Runs a program as a customer would: nothing in it knows of this cloud, only the environment does. */
async function runClient(program: string): Promise<string> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
    cwd: import.meta.dirname,
    timeout: 30_000,
    env: {
      PATH: process.env['PATH'],
      HTTP_PROXY: proxyUrl,
      HTTPS_PROXY: proxyUrl,
      NODE_EXTRA_CA_CERTS: authority.caFile,
      NODE_OPTIONS: `--require ${path.join(import.meta.dirname, 'node-preload.cjs')}`,
    },
  })
  return stdout.trim()
}

const stsProgram = (settings: string) => `
  import sts from '@alicloud/sts20150401'
  import core from '@alicloud/openapi-core'
  const config = new core.$OpenApiUtil.Config({
    accessKeyId: 'LTAI0000000000000000', accessKeySecret: 'secret', regionId: 'cn-hangzhou', ${settings}
  })
  const client = new sts.default(config)
  const answer = await client.getCallerIdentity()
  console.log(answer.body.accountId)
  process.exit(0)`

test('The official SDK without any endpoint arrives over https', async () => {
  expect(await runClient(stsProgram(''))).toBe('1234567890123456')
  expect(arrived).toEqual([{ host: 'sts.cn-hangzhou.aliyuncs.com', action: 'GetCallerIdentity', secure: true }])
})

test('The official SDK without any endpoint arrives over http', async () => {
  expect(await runClient(stsProgram("protocol: 'http'"))).toBe('1234567890123456')
  expect(arrived).toEqual([{ host: 'sts.cn-hangzhou.aliyuncs.com', action: 'GetCallerIdentity', secure: false }])
})

test('The SDK of object storage, whose agent is a copy of an old one, arrives over http and https', async () => {
  for (const secure of [false, true]) {
    const program = `
      import OSS from 'ali-oss'
      const keys = { accessKeyId: 'LTAI0000000000000000', accessKeySecret: 'secret', bucket: 'photos' }
      const client = new OSS({ ...keys, region: 'oss-cn-hangzhou', secure: ${secure} })
      const { res } = await client.head('k')
      console.log(res.status)
      process.exit(0)`
    expect(await runClient(program)).toBe('200')
  }
  const host = 'photos.oss-cn-hangzhou.aliyuncs.com'
  expect(arrived).toEqual([false, true].map((secure) => ({ host, action: undefined, secure })))
})

test('Connections to other hosts do not go through the proxy', async () => {
  const program = `
    import http from 'node:http'
    const server = http.createServer((_, response) => response.end('direct'))
    server.listen(0, '127.0.0.1', () => {
      http.get({ host: '127.0.0.1', port: server.address().port }, async (response) => {
        for await (const chunk of response) process.stdout.write(chunk)
        process.exit(0)
      })
    })`
  expect(await runClient(program)).toBe('direct')
  expect(arrived).toEqual([])
})

test('A tunnel that the proxy refuses is an error that says so', async () => {
  const program = `
    import https from 'node:https'
    https.get('https://ecs.aliyuncs.com:8443/').on('error', (error) => { console.log(error.message); process.exit(0) })`
  expect(await runClient(program)).toMatch(/the proxy 127\.0\.0\.1:\d+ answered 403 for ecs\.aliyuncs\.com:8443/)
})
