import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { endAgent } from './agent-process.ts'

let dataDir: string
let child: ChildProcess | undefined
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'pileus-agent-process-'))
  mkdirSync(join(dataDir, 'agent'))
})
afterEach(() => {
  child?.kill('SIGKILL')
  rmSync(dataDir, { recursive: true })
})

/** A process with the command line of the agent of a data directory, whose number stands in ours. */
async function startAgentOf(directory: string): Promise<ChildProcess> {
  const program = join(dataDir, 'host-agent.mjs')
  writeFileSync(program, 'setInterval(() => {}, 1000)')
  const started = spawn(process.execPath, [program, join(directory, 'run', 'agent.json')], { stdio: 'ignore' })
  await new Promise((done) => started.once('spawn', done))
  writeFileSync(join(dataDir, 'agent', 'pid'), `${started.pid}\n`)
  return started
}

test.skipIf(process.platform !== 'linux')('the agent is ended', async () => {
  child = await startAgentOf(dataDir)
  const ended = new Promise((done) => child?.once('exit', done))
  expect(await endAgent(dataDir)).toBe(true)
  await ended
})

test('the agent of another cloud, which has the number that ours had, is not', async () => {
  child = await startAgentOf('/elsewhere')
  expect(await endAgent(dataDir)).toBe(false)
  expect(child.exitCode ?? child.signalCode).toBeNull()
})
