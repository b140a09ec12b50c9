export type InterruptingSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

/** Work is given up because a signal asked for it. */
export class Interrupted extends Error {
  readonly signalName: InterruptingSignal

  constructor(signalName: InterruptingSignal) {
    super(`stopped by ${signalName}`)
    this.name = 'Interrupted'
    this.signalName = signalName
  }

  /** A person at the terminal means everything; a service manager restarting us means this process alone. */
  get machines(): 'keep' | 'stop' {
    return this.signalName === 'SIGINT' ? 'stop' : 'keep'
  }
}
