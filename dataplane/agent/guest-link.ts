/** Keeps a connection to the agent inside one guest for as long as the guest has its port open. */
import { setTimeout as sleep } from 'node:timers/promises'
import { GuestAgentClient, type GuestExecRequest, type GuestExecResult } from '../qemu/guest-agent.ts'

const firstRetryMs = 100
const lastRetryMs = 5000

export class GuestLink {
  readonly #socketPath: string
  readonly #onChange: () => void
  #isPortOpen = false
  #isConnecting = false
  #client: GuestAgentClient | undefined
  /** Grows with each new connection; a guest that restarts gives a new one. */
  session = 0

  constructor(socketPath: string, onChange: () => void) {
    this.#socketPath = socketPath
    this.#onChange = onChange
  }

  /** Whether the guest answers. */
  get ready(): boolean {
    return this.#client !== undefined && !this.#client.closed
  }

  /** Tells whether a process in the guest has the port open now. */
  setPortOpen(isOpen: boolean): void {
    this.#isPortOpen = isOpen
    if (isOpen) void this.#connect()
    else this.#drop()
  }

  close(): void {
    this.setPortOpen(false)
  }

  /** @throws Error when the guest does not answer */
  exec(request: GuestExecRequest): Promise<GuestExecResult> {
    return this.#get().exec(request)
  }

  /** @throws Error when the guest does not answer */
  shutdown(mode: 'powerdown' | 'reboot'): Promise<void> {
    return this.#get().shutdown(mode)
  }

  #get(): GuestAgentClient {
    if (!this.#client) throw new Error('the guest does not answer')
    return this.#client
  }

  #drop(): void {
    const client = this.#client
    this.#client = undefined
    client?.close()
    if (client) this.#onChange()
  }

  async #connect(): Promise<void> {
    if (this.#isConnecting || this.#client) return
    this.#isConnecting = true
    try {
      for (let pauseMs = firstRetryMs; this.#isPortOpen; pauseMs = Math.min(pauseMs * 2, lastRetryMs)) {
        if (await this.#tryOnce()) return
        await sleep(pauseMs, undefined, { ref: false })
      }
    } finally {
      this.#isConnecting = false
    }
  }

  async #tryOnce(): Promise<boolean> {
    try {
      const current: { client?: GuestAgentClient } = {}
      const client = await GuestAgentClient.connect(this.#socketPath, () => this.#lost(current.client))
      current.client = client
      if (!this.#isPortOpen) {
        client.close()
        return true
      }
      this.#client = client
      this.session += 1
      this.#onChange()
      return true
    } catch {
      // A guest that does not answer is tried again for as long as it holds the port.
      return false
    }
  }

  #lost(client: GuestAgentClient | undefined): void {
    if (!client || this.#client !== client) return
    this.#client = undefined
    this.#onChange()
    if (this.#isPortOpen) void this.#connect()
  }
}
