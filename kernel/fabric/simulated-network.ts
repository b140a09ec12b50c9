/** A network without hardware: it remembers what it was told, and can be slowed down and made to fail. */
import type { LogicalNetwork, NetworkDriver, NetworkReport } from './network.ts'

export interface SimulatedNetworkOptions {
  /** Each `apply` takes at least this long. */
  delayMs?: number
}

export class SimulatedNetworkDriver implements NetworkDriver {
  /** Each `apply` takes at least this long; may be changed at any time. */
  delayMs: number
  #applied: LogicalNetwork = { routers: [], securityGroups: [] }
  #appliedText = JSON.stringify(this.#applied)
  #calls = 0
  #appliedCall = 0
  #failures: Error[] = []

  constructor(options: SimulatedNetworkOptions = {}) {
    this.delayMs = options.delayMs ?? 0
  }

  /** What is in force. */
  get applied(): LogicalNetwork {
    return this.#applied
  }

  /** How often `apply` was called, failures included. */
  get calls(): number {
    return this.#calls
  }

  /** Makes the next call of `apply` throw and change nothing; further calls queue. */
  failNext(error: Error = new Error('the simulated network was told to fail')): void {
    this.#failures.push(error)
  }

  async apply(desired: LogicalNetwork): Promise<NetworkReport> {
    this.#calls += 1
    const call = this.#calls
    if (this.delayMs > 0) await new Promise((wake) => setTimeout(wake, this.delayMs))
    const failure = this.#failures.shift()
    if (failure) throw failure
    // Calls may overtake each other; the one that was made later wins.
    if (call < this.#appliedCall) return { readyPortIds: portIds(this.#applied), changes: 0 }
    this.#appliedCall = call
    const text = JSON.stringify(desired)
    const changes = text === this.#appliedText ? 0 : 1
    this.#applied = desired
    this.#appliedText = text
    return { readyPortIds: portIds(desired), changes }
  }

  async close(): Promise<void> {}
}

function portIds(network: LogicalNetwork): string[] {
  return network.routers.flatMap((router) => router.switches.flatMap((place) => place.ports.map((port) => port.id)))
}
