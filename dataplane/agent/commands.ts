/**
 * Runs the commands desired of one guest, each once.
 *
 * The host writes down that it is about to begin a command, with the id of the guest's boot, before it asks the guest;
 * the guest refuses to begin the same command again. So after the agent dies, what was begun is followed; what may have
 * been begun in an earlier boot is reported as failed and never run again.
 */
import { join } from 'node:path'
import type { DesiredCommand, ObservedCommand } from '@pileus/kernel/fabric/machines'
import { GuestRefusedError } from '../qemu/guest-agent.ts'
import type { GuestLink } from './guest-link.ts'
import {
  bootIdScript,
  queryArguments,
  removeArguments,
  startArguments,
  startFailures,
  stopArguments,
} from './guest-scripts.ts'
import { findStateFile, writeStateFile } from './state-file.ts'
import { Bell, Limiter } from './waiting.ts'

/** Output that is reported. */
const outputBytes = 24 * 1024
const execTimeoutMs = 20_000
const firstPollMs = 30
const lastPollMs = 1000
const width = 16
/** The guest itself ends a command that takes too long; one that does not is given up after this. */
const overdueMs = 30_000

/** What the host keeps of a command: where it was begun, until how it ended. */
type CommandState = { phase: 'begun'; bootId: string; startedAt: string } | { phase: 'ended'; result: ObservedCommand }

interface GuestAnswer {
  state: string
  totalBytes: number
  tail: Buffer
}

/** The guest as far as running commands needs it. */
export type CommandGuest = Pick<GuestLink, 'ready' | 'session' | 'exec'>

export class CommandRunner {
  readonly #file: string
  readonly #guest: CommandGuest
  readonly #onChange: () => void
  readonly #desired = new Map<string, DesiredCommand>()
  readonly #states = new Map<string, CommandState>()
  readonly #outputs = new Map<string, GuestAnswer>()
  readonly #following = new Map<string, { bell: Bell; done: Promise<void> }>()
  readonly #limiter = new Limiter(width)
  #writes: Promise<void> = Promise.resolve()
  #boot: { session: number; id: string } | undefined
  #isClosed = false

  constructor(machineDir: string, guest: CommandGuest, onChange: () => void) {
    this.#file = join(machineDir, 'commands.json')
    this.#guest = guest
    this.#onChange = onChange
  }

  /** Reads what an earlier agent began. */
  async open(): Promise<void> {
    const kept = (await findStateFile(this.#file)) as Record<string, CommandState> | undefined
    for (const [id, state] of Object.entries(kept ?? {})) this.#states.set(id, state)
  }

  setDesired(commands: DesiredCommand[]): void {
    this.#desired.clear()
    for (const command of commands) this.#desired.set(command.id, command)
    for (const command of commands) this.#follow(command.id)
    this.wake()
  }

  /** Looks again at once, as when the guest became ready. */
  wake(): void {
    for (const { bell } of this.#following.values()) bell.ring()
  }

  /** Ends what was running: its guest is off. What cannot be written down now is found out at the next boot. */
  async guestStopped(): Promise<void> {
    const begun = [...this.#states].filter(([, state]) => state.phase === 'begun').map(([id]) => id)
    for (const id of begun) {
      await this.#end(id, failure('ExecutionInterrupted', 'the instance stopped while the command ran')).catch(() => {})
    }
  }

  /** State of every desired command that has begun, in the order of their ids. */
  observe(): ObservedCommand[] {
    const observed: ObservedCommand[] = []
    for (const id of [...this.#desired.keys()].sort()) {
      const state = this.#states.get(id)
      if (state?.phase === 'ended') observed.push(state.result)
      else if (state) observed.push({ id, startedAt: state.startedAt, ...this.#outputOf(id), status: 'running' })
    }
    return observed
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.wake()
    await Promise.all([...this.#following.values()].map(({ done }) => done))
    await this.#writes
  }

  #follow(id: string): void {
    if (this.#following.has(id) || this.#states.get(id)?.phase === 'ended') return
    const bell = new Bell()
    const done = this.#limiter.run(() => this.#run(id, bell)).finally(() => this.#following.delete(id))
    this.#following.set(id, { bell, done })
  }

  async #run(id: string, bell: Bell): Promise<void> {
    for (let pauseMs = firstPollMs; !this.#isClosed; pauseMs = Math.min(pauseMs * 1.5, lastPollMs)) {
      const command = this.#desired.get(id)
      if (!command || this.#states.get(id)?.phase === 'ended') return
      // A failure is a lost connection or a full disk: the command is looked at again after a pause.
      if (this.#guest.ready) await this.#advanceOrFail(command).catch(() => {})
      if (this.#states.get(id)?.phase !== 'ended') await bell.wait(this.#guest.ready ? pauseMs : lastPollMs)
    }
  }

  async #advanceOrFail(command: DesiredCommand): Promise<void> {
    try {
      await this.#advance(command)
    } catch (error) {
      if (!(error instanceof GuestRefusedError)) throw error
      await this.#end(command.id, failure('ExecutionException', error.message))
    }
  }

  async #advance(command: DesiredCommand): Promise<void> {
    const { id } = command
    const state = this.#states.get(id)
    if (!state) {
      if (command.stop) return await this.#end(id, { status: 'stopped', finishedAt: now() })
      await this.#keep(id, { phase: 'begun', bootId: await this.#getBootId(), startedAt: now() })
      return await this.#begin(command)
    }
    const answer = await this.#ask(id)
    if (answer.state === 'absent') return await this.#beginAgain(command, state)
    this.#note(id, answer)
    if (answer.state !== 'running') return await this.#end(id, outcomeOf(answer.state))
    const isOverdue = Date.now() > startOf(state) + command.timeoutS * 1000 + overdueMs
    if (command.stop || isOverdue) await this.#exec(stopArguments(id))
    if (isOverdue) await this.#end(id, { status: 'timedOut', finishedAt: now() })
  }

  /** The guest knows nothing of a command that was to begin: safe to begin if it has been up all the time. */
  async #beginAgain(command: DesiredCommand, state: CommandState): Promise<void> {
    if (state.phase === 'begun' && state.bootId === (await this.#getBootId())) return await this.#begin(command)
    await this.#end(command.id, failure('ExecutionInterrupted', 'the instance restarted while the command ran'))
  }

  async #begin(command: DesiredCommand): Promise<void> {
    const { exitCode } = await this.#exec(startArguments(command), Buffer.from(command.content, 'base64'))
    if (exitCode === 0) return this.#onChange()
    const reason = startFailures[exitCode ?? -1] ?? 'the guest could not run the command'
    await this.#end(command.id, failure('ExecutionException', reason))
  }

  async #ask(id: string): Promise<GuestAnswer> {
    const { stdout } = await this.#exec(queryArguments(id, outputBytes))
    const stateEnd = stdout.indexOf(10)
    const sizeEnd = stdout.indexOf(10, stateEnd + 1)
    if (stateEnd < 0 || sizeEnd < 0) throw new Error('the guest gave no state of the command')
    const totalBytes = Number(stdout.toString('latin1', stateEnd + 1, sizeEnd))
    return {
      state: stdout.toString('latin1', 0, stateEnd).slice(0, 40),
      totalBytes: Number.isSafeInteger(totalBytes) && totalBytes > 0 ? totalBytes : 0,
      tail: stdout.subarray(sizeEnd + 1).subarray(-outputBytes),
    }
  }

  #note(id: string, answer: GuestAnswer): void {
    const before = this.#outputs.get(id)
    this.#outputs.set(id, answer)
    if (before?.totalBytes !== answer.totalBytes) this.#onChange()
  }

  #outputOf(id: string): { output: string; dropped: number } {
    const answer = this.#outputs.get(id)
    if (!answer) return { output: '', dropped: 0 }
    return { output: answer.tail.toString('base64'), dropped: Math.max(0, answer.totalBytes - answer.tail.length) }
  }

  /** Writes down how a command ended, and only then lets the guest forget it. */
  async #end(id: string, outcome: Outcome): Promise<void> {
    const state = this.#states.get(id)
    const startedAt = state?.phase === 'begun' ? state.startedAt : now()
    await this.#keep(id, { phase: 'ended', result: { id, startedAt, ...this.#outputOf(id), ...outcome } })
    this.#outputs.delete(id)
    this.#onChange()
    if (this.#guest.ready) await this.#exec(removeArguments(id)).catch(() => {})
  }

  /** Keeps the state on disk, without commands that are no longer desired. */
  async #keep(id: string, state: CommandState): Promise<void> {
    this.#states.set(id, state)
    for (const known of this.#states.keys()) if (!this.#desired.has(known)) this.#states.delete(known)
    const write = () => writeStateFile('command.record', this.#file, Object.fromEntries(this.#states))
    const done = this.#writes.then(write)
    this.#writes = done.catch(() => {})
    await done
  }

  async #getBootId(): Promise<string> {
    const session = this.#guest.session
    if (this.#boot?.session === session) return this.#boot.id
    const { stdout } = await this.#exec(['-c', bootIdScript])
    const id = stdout.toString('latin1').trim().slice(0, 64)
    this.#boot = { session, id }
    return id
  }

  #exec(args: string[], input?: Buffer) {
    return this.#guest.exec({ path: '/bin/sh', args, input, timeoutMs: execTimeoutMs })
  }
}

function startOf(state: CommandState): number {
  return Date.parse(state.phase === 'begun' ? state.startedAt : state.result.startedAt)
}

type Outcome =
  | { status: 'finished'; exitCode: number; finishedAt: string }
  | { status: 'timedOut' | 'stopped'; finishedAt: string }
  | { status: 'failed'; errorCode: string; errorInfo: string; finishedAt: string }

function outcomeOf(state: string): Outcome {
  if (state === 'timedOut' || state === 'stopped') return { status: state, finishedAt: now() }
  const exited = /^exited (\d{1,3})$/.exec(state)
  if (exited) return { status: 'finished', exitCode: Number(exited[1]), finishedAt: now() }
  if (state === 'lost') return failure('ExecutionInterrupted', 'the instance restarted while the command ran')
  return failure('ExecutionException', 'the guest gave an unknown state of the command')
}

function failure(errorCode: string, errorInfo: string): Outcome {
  return { status: 'failed', errorCode, errorInfo, finishedAt: now() }
}

function now(): string {
  return new Date().toISOString()
}
