import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startEmbeddedPostgres } from './embedded-postgres.ts'

const directory = mkdtempSync(join(tmpdir(), 'pileus-pg-'))
const dataDir = join(directory, 'postgres')
const pidFile = join(dataDir, 'cluster', 'postmaster.pid')
// PostgreSQL refuses root; this user is on every system.
const nobody = 65_534
const user = process.getuid?.() === 0 ? { user: { uid: nobody, gid: nobody } } : {}
const start = () => startEmbeddedPostgres({ dataDir, resolveFrom: process.cwd(), ...user })
let other: ChildProcess | undefined

beforeAll(async () => {
  chmodSync(directory, 0o711)
  await (await start()).stop()
}, 60_000)
afterAll(() => {
  other?.kill('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})

test('a server that answers is adopted, also when it takes a while to', async () => {
  const server = await start()
  expect((await start()).pid).toBe(server.pid)
  process.kill(server.pid, 'SIGSTOP')
  setTimeout(() => process.kill(server.pid, 'SIGCONT'), 3_000)
  const adopted = await start()
  expect(adopted.pid).toBe(server.pid)
  await adopted.stop()
  expect(existsSync(pidFile)).toBe(false)
}, 60_000)

test('a pid file whose number another program of the same user has now is no obstacle', async () => {
  const server = await start()
  const content = readFileSync(pidFile, 'utf8')
  await server.stop()
  other = spawn('sleep', ['60'], { stdio: 'ignore', ...('user' in user ? user.user : {}) })
  writeFileSync(pidFile, content.replace(/^\d+/, String(other.pid)))
  const again = await start()
  expect(again.pid).not.toBe(other.pid)
  await again.stop()
  expect(other.exitCode).toBeNull()
}, 60_000)

test("a link in the server's own directory leads to no file of this process", async () => {
  const precious = join(directory, 'precious')
  writeFileSync(precious, 'precious')
  const logFile = join(dataDir, 'postgres.log')
  rmSync(logFile, { force: true })
  symlinkSync(precious, logFile)
  await expect(start()).rejects.toThrow('ELOOP')
  expect(readFileSync(precious, 'utf8')).toBe('precious')
  rmSync(logFile)
  rmSync(join(dataDir, 'socket'), { recursive: true, force: true })
  symlinkSync(directory, join(dataDir, 'socket'))
  await expect(start()).rejects.toThrow('is not a directory')
  rmSync(join(dataDir, 'socket'))
}, 60_000)
