/** The official Node SDKs as a program of their own, with no configuration of ours but `env`; stopping with Ctrl-C. */
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { pileus, repository, runProgram } from './launcher.ts'
import { listCloudLeftovers } from './leftovers.ts'
import { startSimulatedProgram } from './simulated-program.ts'

const script = join(import.meta.dirname, 'clients', 'tour.cjs')

test('the Node SDKs work with their configuration for the vendor’s cloud, in a shell that has run pileus env', async () => {
  await using cloud = await startSimulatedProgram(['cn-hangzhou', 'eu-central-1'])
  const { code, stdout, stderr } = await runProgram(process.execPath, [script], { env: cloud.env })
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual({ regions: ['cn-hangzhou', 'eu-central-1'], name: 'from-node', left: 0 })
}, 60_000)

test('a cloud in the foreground ends with Ctrl-C, and leaves nothing after reset', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'pileus-e2e-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  chmodSync(dataDir, 0o711)
  const args = ['up', '--engine', 'simulated', '--data', dataDir, '--port', '0', '--regions', 'cn-hangzhou', '--json']
  const child = spawn(process.execPath, [join(repository, 'pileus'), ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const line = new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve))
  const ready = JSON.parse(String(await Promise.race([line, ended])))
  expect(ready).toMatchObject({ engine: 'simulated', regions: ['cn-hangzhou'], pid: child.pid })
  expect((await pileus(['status', '--data', dataDir])).code).toBe(0)
  child.kill('SIGINT')
  expect(await ended).toBe(0)
  expect((await pileus(['status', '--data', dataDir])).code).toBe(3)
  expect((await pileus(['reset', '--yes', '--data', dataDir])).code).toBe(0)
  expect(listCloudLeftovers({ dataDir, namespace: ready.namespace, fabricDir: '', postgresSocketDir: '' }, [])).toEqual(
    [],
  )
}, 60_000)
