import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DesiredCommand } from '@pileus/kernel/fabric/machines'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { GuestExecRequest, GuestExecResult } from '../qemu/guest-agent.ts'
import { type CommandGuest, CommandRunner } from './commands.ts'

/** A guest that knows the scripts by name and keeps each command's state in memory, like the files in a real one. */
class ScriptedGuest implements CommandGuest {
  ready = true
  session = 1
  bootId = 'boot-one'
  readonly states = new Map<string, string>()
  readonly started: string[] = []
  readonly stopped: string[] = []
  output = ''
  startCode = 0
  /** Called before each script; may throw as a lost connection does. */
  before: (script: string) => void = () => {}

  async exec({ args }: GuestExecRequest): Promise<GuestExecResult> {
    const [, , script = 'boot-id', id = ''] = args
    this.before(script)
    return { exitCode: script === 'start' ? this.startCode : 0, stdout: Buffer.from(this.#run(script, id)) }
  }

  #run(script: string, id: string): string {
    if (script === 'boot-id') return `${this.bootId}\n`
    if (script === 'query') return `${this.states.get(id) ?? 'absent'}\n${this.output.length}\n${this.output}`
    if (script === 'stop') this.stopped.push(id)
    if (script === 'remove') this.states.delete(id)
    if (script === 'start' && this.startCode === 0 && !this.states.has(id)) {
      this.started.push(id)
      this.states.set(id, 'running')
    }
    return ''
  }
}

let directory: string
let guest: ScriptedGuest
let runner: CommandRunner

async function openRunner(): Promise<CommandRunner> {
  const opened = new CommandRunner(directory, guest, () => {})
  await opened.open()
  return opened
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'pileus-commands-'))
  guest = new ScriptedGuest()
  runner = await openRunner()
})
afterEach(async () => {
  await runner.close()
  rmSync(directory, { recursive: true, force: true })
})

function command(id: string, changes: Partial<DesiredCommand> = {}): DesiredCommand {
  return { id, type: 'shell', content: '', workingDir: '', timeoutS: 60, username: '', stop: false, ...changes }
}

const observed = () => runner.observe()[0]
const until = (expected: object) => expect.poll(observed, { timeout: 5000 }).toMatchObject(expected)

test('a command runs, shows its output while it does, and its exit code after', async () => {
  guest.output = 'half'
  runner.setDesired([command('c-1')])
  await until({ status: 'running', output: Buffer.from('half').toString('base64'), dropped: 0 })
  guest.states.set('c-1', 'exited 3')
  await until({ status: 'finished', exitCode: 3 })
  await expect.poll(() => guest.states.size).toBe(0)
})

test('several commands run at the same time', async () => {
  runner.setDesired([command('c-1'), command('c-2'), command('c-3')])
  await expect.poll(() => guest.started.toSorted()).toEqual(['c-1', 'c-2', 'c-3'])
})

test('nothing begins while the guest does not answer', async () => {
  guest.ready = false
  runner.setDesired([command('c-1')])
  runner.wake()
  expect(runner.observe()).toEqual([])
  guest.ready = true
  runner.wake()
  await until({ status: 'running' })
})

test('a later agent follows what an earlier one began', async () => {
  runner.setDesired([command('c-1')])
  await until({ status: 'running' })
  await runner.close()
  guest.states.set('c-1', 'exited 0')
  runner = await openRunner()
  runner.setDesired([command('c-1')])
  await until({ status: 'finished', exitCode: 0 })
  expect(guest.started).toEqual(['c-1'])
})

test('a command that was about to begin in this boot begins once', async () => {
  let failures = 1
  guest.before = (script) => {
    if (script === 'start' && failures-- > 0) throw new Error('the connection was lost')
  }
  runner.setDesired([command('c-1')])
  await until({ status: 'running' })
  await expect.poll(() => guest.started).toEqual(['c-1'])
})

test('a command that may have begun in an earlier boot fails, and never runs again', async () => {
  runner.setDesired([command('c-1')])
  await until({ status: 'running' })
  guest.states.clear()
  guest.bootId = 'boot-two'
  guest.session = 2
  await until({ status: 'failed', errorCode: 'ExecutionInterrupted' })
  expect(guest.started).toEqual(['c-1'])
})

test('a command ends with its guest', async () => {
  runner.setDesired([command('c-1')])
  await until({ status: 'running' })
  guest.ready = false
  await runner.guestStopped()
  expect(observed()).toMatchObject({ status: 'failed', errorCode: 'ExecutionInterrupted' })
})

test('a command that is to stop is stopped, or never begun', async () => {
  runner.setDesired([command('c-1'), command('c-2', { stop: true })])
  await until({ id: 'c-1', status: 'running' })
  expect(runner.observe()[1]).toMatchObject({ id: 'c-2', status: 'stopped' })
  runner.setDesired([command('c-1', { stop: true })])
  await expect.poll(() => guest.stopped).toContain('c-1')
  guest.states.set('c-1', 'stopped')
  await until({ status: 'stopped' })
  expect(guest.started).toEqual(['c-1'])
})

test.each([
  [20, 'no room'],
  [21, 'user does not exist'],
  [22, 'directory does not exist'],
])('a start that ends with %d says why', async (code, reason) => {
  guest.startCode = code
  runner.setDesired([command('c-1')])
  await until({ status: 'failed', errorCode: 'ExecutionException', errorInfo: expect.stringContaining(reason) })
})

test.each(['exited', 'exited 1000', 'exited -1', '<script>', ''])('the odd state "%s" is a failure', async (state) => {
  runner.setDesired([command('c-1')])
  await until({ status: 'running' })
  guest.states.set('c-1', state)
  await until({ status: 'failed', errorCode: 'ExecutionException' })
})

test('of long output the end is kept, and what was dropped is counted', async () => {
  guest.output = `${'a'.repeat(100)}${'b'.repeat(24 * 1024)}`
  runner.setDesired([command('c-1')])
  guest.states.set('c-1', 'exited 0')
  await until({ status: 'finished', dropped: 100, output: Buffer.from('b'.repeat(24 * 1024)).toString('base64') })
})
