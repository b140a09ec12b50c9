import type { DesiredMachine, SyncRequest, SyncResponse } from '@pileus/kernel/fabric/machines'

/** How an agent is answered, apart from being told what is desired. */
export type SyncHandler = (request: SyncRequest, signal: AbortSignal) => Promise<SyncResponse>

/**
 * Stands between agents and the service that answers them, for the time when this cloud stops: agents are then told
 * that every machine is off, without any record changing, so that machines start again with the next start.
 */
export class PowerOffSwitch {
  readonly #answer: SyncHandler
  /** Last answer and last report of each agent. */
  readonly #agents = new Map<string, { machines: readonly DesiredMachine[]; cellId: string; running: number }>()
  readonly #held = new Set<AbortController>()
  #isOff = false

  constructor(answer: SyncHandler) {
    this.#answer = answer
  }

  async sync(request: SyncRequest, signal: AbortSignal): Promise<SyncResponse> {
    if (this.#isOff) return this.#answerOff(request)
    const held = new AbortController()
    const end = (): void => held.abort()
    signal.addEventListener('abort', end)
    this.#held.add(held)
    try {
      const response = await this.#answer(request, held.signal)
      const running = request.observed.filter((machine) => machine.power === 'on').length
      this.#agents.set(request.agentId, { machines: response.machines, cellId: response.cellId, running })
      return response
    } finally {
      this.#held.delete(held)
      signal.removeEventListener('abort', end)
    }
  }

  /** Tells all agents to power off, and waits until they say it is done or time is up. */
  async powerOff(timeoutMs: number): Promise<'done' | 'late'> {
    const deadline = Date.now() + timeoutMs
    this.#isOff = true
    for (const held of this.#held) held.abort()
    while ([...this.#agents.values()].some((agent) => agent.running > 0)) {
      if (Date.now() > deadline) return 'late'
      await new Promise((wake) => setTimeout(wake, 25))
    }
    return 'done'
  }

  async #answerOff(request: SyncRequest): Promise<SyncResponse> {
    const known = this.#agents.get(request.agentId)
    if (known) known.running = request.observed.filter((machine) => machine.power === 'on').length
    // An agent that sends its news at once is answered at once; held answers would only slow the end down.
    if (request.haveRevision === 'off') await new Promise((wake) => setTimeout(wake, 50))
    const machines = (known?.machines ?? []).map((machine) => ({ ...machine, power: 'off' as const }))
    return { revision: 'off', cellId: known?.cellId ?? '', machines }
  }
}
