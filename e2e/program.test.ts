/** Starting and stopping a cloud as a program. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { pileus, repository } from './launcher.ts'
import { listCloudLeftovers, listProcessesThatName } from './leftovers.ts'

function makeDataDir(): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'pileus-e2e-'))
  chmodSync(dataDir, 0o711)
  onTestFinished(async () => {
    await pileus(['reset', '--yes', '--data', dataDir])
    rmSync(dataDir, { recursive: true, force: true })
  })
  return dataDir
}

function upArguments(dataDir: string): string[] {
  return ['up', '--engine', 'simulated', '--data', dataDir, '--port', '0', '--regions', 'cn-hangzhou', '--json']
}

test('a cloud in the foreground ends with Ctrl-C, and leaves nothing after reset', async () => {
  const dataDir = makeDataDir()
  const child = spawn(process.execPath, [join(repository, 'pileus'), ...upArguments(dataDir)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
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
}, 120_000)

/** Starts a cloud, sends the signal when it says that it has come so far, and gives how it ended and what it said. */
async function interruptWhen(text: string, signal: NodeJS.Signals, args: readonly string[]) {
  const child = spawn(process.execPath, [join(repository, 'pileus'), ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  let output = ''
  let isSent = false
  child.stderr.on('data', (chunk) => {
    output += chunk
    if (isSent || !output.includes(text)) return
    isSent = true
    child.kill(signal)
  })
  const [code] = await once(child, 'close')
  return { code, output }
}

test('a start that is interrupted at any moment leaves no process, and the next one works', async () => {
  const dataDir = makeDataDir()
  for (const [text, signal, exitCode] of [
    ['creating the database', 'SIGINT', 130],
    ['starting the database', 'SIGTERM', 143],
  ] as const) {
    const { code, output } = await interruptWhen(text, signal, upArguments(dataDir))
    expect({ code, output }).toEqual({ code: exitCode, output: expect.stringContaining(`stopped by ${signal}`) })
    expect(listProcessesThatName([dataDir])).toEqual([])
  }
  const detached = await interruptWhen('starting the database', 'SIGINT', [...upArguments(dataDir), '--detach'])
  expect(detached).toEqual({ code: 130, output: expect.stringContaining('stopped by SIGINT') })
  expect(listProcessesThatName([dataDir])).toEqual([])
  expect((await pileus([...upArguments(dataDir), '--detach'])).code).toBe(0)
}, 120_000)

test.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
  'a start with real machines that is interrupted ends its network and its agent',
  async () => {
    const dataDir = makeDataDir()
    const namespace = `pe${randomBytes(4).toString('hex')}`
    const args = [...upArguments(dataDir), '--engine', 'qemu', '--images', 'none', '--namespace', namespace]
    expect((await interruptWhen('starting the host agent', 'SIGHUP', args)).code).toBe(129)
    expect(listProcessesThatName([dataDir])).toEqual([])
    expect(existsSync(`/run/netns/${namespace}`)).toBe(false)
  },
  120_000,
)

test('of two starts at once on the same data one wins, and the other says so', async () => {
  const dataDir = makeDataDir()
  const up = () => pileus([...upArguments(dataDir), '--detach'])
  const results = await Promise.all([up(), up()])
  const winners = results.filter(({ code }) => code === 0)
  const losers = results.filter(({ code }) => code !== 0)
  expect(winners.length).toBeGreaterThanOrEqual(1)
  // One that comes late enough finds the cloud ready, and prints the same.
  expect(new Set(winners.map(({ stdout }) => stdout)).size).toBe(1)
  for (const { code, stdout, stderr } of losers) {
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('another start')
  }
  expect((await pileus(['status', '--data', dataDir])).code).toBe(0)
}, 120_000)

test('a port that is taken is said, and nothing stays behind', async () => {
  const dataDir = makeDataDir()
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  onTestFinished(() => void server.close())
  const args = ['up', '--engine', 'simulated', '--data', dataDir, '--port', String(port), '--regions', 'cn-hangzhou']
  for (const more of [[], ['--detach']]) {
    const { code, stderr } = await pileus([...args, ...more])
    expect(code).toBe(1)
    expect(stderr).toContain(String(port))
    expect(stderr).not.toMatch(/\n {4}at /)
  }
  expect((await pileus(['status', '--data', dataDir])).code).toBe(3)
}, 120_000)
