/**
 * What host agents talk to. An agent posts what it observes and is answered with what is desired of its machine;
 * while nothing differs from what it has, the answer is held back for up to `waitMs`.
 *
 * Owners of rows. Operations own the intent columns of an instance, this module the observed ones; the status follows
 * from both. `offered_hash` is written before a machine is first offered: an instance without it is unknown to any
 * host, and may be released at once.
 *
 * Removal. What is absent from an answer is removed by the agent. A deleted instance is released when its agent sends
 * the revision of an answer that did not name the machine, together with an observation that does not name it either.
 * Until then its addresses, disks and capacity stay taken. Disks come and go by the same rule: see `apply-disks.ts`.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '@pileus/kernel/clock'
import type { DesiredMachine, KeptDisk, SyncRequest, SyncResponse } from '@pileus/kernel/fabric/machines'
import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import type { Log } from '@pileus/kernel/log'
import type { Store } from '@pileus/kernel/store/store'
import type { WakeListener } from '@pileus/kernel/wake'
import type { KmsPort } from '@pileus/kms/port'
import type { VpcPort } from '@pileus/vpc/port'
import { machinesTopic, poolTopic } from '../domain/wake-topics.ts'
import { ensureHosts, ensurePools, noteHeartbeats } from '../tables/hosts.ts'
import { ensureImages } from '../tables/images.ts'
import { applyReports } from './apply-reports.ts'
import { type ComposedMachines, composeMachines } from './compose-machines.ts'
import type { RoleCredentialSource } from './role-credentials.ts'

/** A request may also say in which zones the machine stands; without, it stands in every hosted zone. */
export type HostSyncRequest = SyncRequest & { zoneIds?: readonly string[] }

export interface AgentSyncDeps {
  store: Store
  wakes: WakeListener
  vpc: VpcPort
  kms: KmsPort
  roleCredentials: RoleCredentialSource
  clock: Clock
  hosted: HostedRegions
  /** Identifies the database: agents never obey another one. */
  cellId: string
  log: Log
}

export interface AgentSync {
  /** One agent's exchange. Ends early, with what is current, when `signal` is aborted. */
  handleSync(request: HostSyncRequest, signal?: AbortSignal): Promise<SyncResponse>
  /**
   * The exchanges of many agents of one process. Answers those only for whom something is new; waits up to the
   * first request's `waitMs` while there is nothing. An `observed` array that is the same object as the last time is
   * taken as unchanged.
   */
  handleSyncs(
    requests: readonly HostSyncRequest[],
    signal?: AbortSignal,
  ): Promise<(SyncResponse & { agentId: string })[]>
  close(): void
}

/** What this process remembers of an agent; all of it can be computed again. */
export interface AgentState {
  readonly agentId: string
  /** What was last written about the pool, and the request that said so. */
  registered: string
  registeredBy: HostSyncRequest | undefined
  heartbeatMs: number
  refreshedMs: number
  dirty: boolean
  /** Some machine waits for its card to be ready. */
  holdsBack: boolean
  machines: DesiredMachine[]
  disks: KeptDisk[]
  hash: string
  /** Counts different answers. */
  answer: number
  /** Deleted machines and disks, and disks that machines are to let go of, by the first answer without them. */
  withdrawn: Map<string, number>
  lastObserved: unknown
  /** Last report of each command, so that equal ones are not written again. */
  commandReports: Map<string, string>
  unsubscribe: () => void
}

const heartbeatEveryMs = 15_000
const refreshEveryMs = 60_000
/** Beyond so many agents, a general wake-up concerns only those who hold machines back. */
const manyAgents = 64

export function createAgentSync(deps: AgentSyncDeps): AgentSync {
  return new Sync(deps)
}

class Sync implements AgentSync {
  readonly #deps: AgentSyncDeps
  readonly #epoch = randomBytes(6).toString('base64url')
  readonly #agents = new Map<string, AgentState>()
  readonly #waiters = new Set<() => void>()
  readonly #unsubscribe: () => void

  constructor(deps: AgentSyncDeps) {
    this.#deps = deps
    this.#unsubscribe = deps.wakes.on(machinesTopic, () => {
      const all = this.#agents.size <= manyAgents
      for (const state of this.#agents.values()) if (all || state.holdsBack) state.dirty = true
      this.#wakeAll()
    })
  }

  async handleSync(request: HostSyncRequest, signal?: AbortSignal): Promise<SyncResponse> {
    const [answer] = await this.handleSyncs([request], signal)
    if (answer) {
      const { agentId: _agentId, ...response } = answer
      return response
    }
    const state = this.#agents.get(request.agentId)
    const { machines = [], disks = [] } = state ?? {}
    return { revision: request.haveRevision, cellId: this.#deps.cellId, machines, disks }
  }

  async handleSyncs(requests: readonly HostSyncRequest[], signal?: AbortSignal) {
    const untilMs = performance.now() + (requests[0]?.waitMs ?? 0)
    await this.#register(requests)
    await this.#noteHeartbeats(requests)
    const states = requests.map((request) => this.#stateOf(request))
    await this.#refresh(states)
    await this.#applyReports(requests)
    for (;;) {
      await this.#refresh(states)
      const answers = requests.flatMap((request) => {
        const state = this.#stateOf(request)
        if (parseRevision(request.haveRevision).hash === state.hash) return []
        return [{ agentId: state.agentId, ...this.#answer(state) }]
      })
      const waitMs = untilMs - performance.now()
      if (answers.length > 0 || waitMs <= 0 || signal?.aborted) return answers
      await this.#wait(waitMs, states, signal)
    }
  }

  close(): void {
    this.#unsubscribe()
    for (const state of this.#agents.values()) state.unsubscribe()
    this.#wakeAll()
  }

  #stateOf(request: HostSyncRequest): AgentState {
    const state = this.#agents.get(request.agentId)
    if (!state) throw new Error(`agent ${request.agentId} is not registered`)
    return state
  }

  #answer(state: AgentState): SyncResponse {
    return {
      revision: `${this.#epoch}.${state.answer}.${state.hash}`,
      cellId: this.#deps.cellId,
      machines: state.machines,
      disks: state.disks,
    }
  }

  /** Whether the agent has an answer that did not name it. */
  #hasLetGo(request: HostSyncRequest, withdrawn: string): boolean {
    const state = this.#stateOf(request)
    const since = state.withdrawn.get(withdrawn)
    if (since === undefined) return false
    const have = parseRevision(request.haveRevision)
    return have.hash === state.hash || (have.epoch === this.#epoch && have.answer >= since)
  }

  async #register(requests: readonly HostSyncRequest[]): Promise<void> {
    const { store, clock, hosted } = this.#deps
    const news = requests.flatMap((request) => {
      if (saysTheSame(request, this.#agents.get(request.agentId)?.registeredBy)) return []
      const registered = JSON.stringify([
        request.engine,
        request.accelerator,
        request.capacity,
        request.images,
        request.zoneIds,
      ])
      return this.#agents.get(request.agentId)?.registered === registered ? [] : [{ request, registered }]
    })
    if (news.length === 0) return
    const zones = hosted.regions.flatMap((region) => region.zones)
    const zonesFor = (request: HostSyncRequest) =>
      request.zoneIds === undefined ? zones : zones.filter((zone) => request.zoneIds?.includes(zone.id))
    const imageById = new Map(
      news.flatMap(({ request }) => request.images.map((image) => [image.id, { image, engine: request.engine }])),
    )
    await store.transaction(async (tx) => {
      await ensureImages(tx, [...imageById.values()])
      await ensurePools(
        tx,
        news.map(({ request }) => ({
          id: request.agentId,
          engine: request.engine,
          accelerator: request.accelerator,
          capacity: request.capacity,
          imageIds: request.images.map((image) => image.id),
          at: clock.now(),
        })),
      )
      await ensureHosts(
        tx,
        news.flatMap(({ request }) =>
          zonesFor(request).map((zone) => ({ poolId: request.agentId, regionId: zone.regionId, zoneId: zone.id })),
        ),
      )
    })
    for (const { request, registered } of news) {
      const state = this.#remember(request.agentId)
      state.registered = registered
      state.registeredBy = request
    }
  }

  #remember(agentId: string): AgentState {
    let state = this.#agents.get(agentId)
    if (!state) {
      const fresh: AgentState = {
        agentId,
        registered: '',
        registeredBy: undefined,
        heartbeatMs: performance.now(),
        refreshedMs: 0,
        dirty: true,
        holdsBack: false,
        machines: [],
        disks: [],
        hash: '',
        answer: 0,
        withdrawn: new Map(),
        lastObserved: undefined,
        commandReports: new Map(),
        unsubscribe: this.#deps.wakes.on(poolTopic(agentId), () => {
          fresh.dirty = true
          this.#wakeAll()
        }),
      }
      state = fresh
      this.#agents.set(agentId, state)
    }
    return state
  }

  async #noteHeartbeats(requests: readonly HostSyncRequest[]): Promise<void> {
    const nowMs = performance.now()
    const due = requests
      .map((request) => this.#stateOf(request))
      .filter((state) => nowMs - state.heartbeatMs >= heartbeatEveryMs)
    if (due.length === 0) return
    await noteHeartbeats(
      this.#deps.store.db,
      due.map((state) => state.agentId),
      this.#deps.clock.now(),
    )
    for (const state of due) state.heartbeatMs = nowMs
  }

  async #applyReports(requests: readonly HostSyncRequest[]): Promise<void> {
    const fresh = requests.filter((request) => {
      const state = this.#stateOf(request)
      return state.lastObserved !== request.observed || request.consoles.length > 0 || state.withdrawn.size > 0
    })
    if (fresh.length === 0) return
    const reports = fresh.map((request) => ({ request, state: this.#stateOf(request) }))
    await applyReports(this.#deps, reports, (request, withdrawn) => this.#hasLetGo(request, withdrawn))
    for (const { request, state } of reports) state.lastObserved = request.observed
  }

  /** Computes the answers of those agents for whom something may have changed. */
  async #refresh(states: readonly AgentState[]): Promise<void> {
    const nowMs = performance.now()
    const due = states.filter((state) => state.dirty || nowMs - state.refreshedMs > refreshEveryMs)
    if (due.length === 0) return
    // Cleared first: a wake-up during the reading makes them dirty again.
    for (const state of due) state.dirty = false
    try {
      const composed = await composeMachines(
        this.#deps,
        due.map((state) => state.agentId),
      )
      for (const state of due) this.#adopt(state, composed.get(state.agentId), nowMs)
    } catch (error) {
      for (const state of due) state.dirty = true
      throw error
    }
  }

  #adopt(state: AgentState, composed: ComposedMachines | undefined, nowMs: number): void {
    const machines = composed?.machines ?? []
    const disks = composed?.disks ?? []
    const hash = createHash('sha256')
      .update(JSON.stringify([machines, disks]))
      .digest('base64url')
      .slice(0, 22)
    if (hash !== state.hash) state.answer += 1
    state.hash = hash
    state.machines = machines
    state.disks = disks
    state.holdsBack = composed?.holdsBack ?? false
    const withdrawn = composed?.withdrawn ?? []
    state.withdrawn = new Map(withdrawn.map((id) => [id, state.withdrawn.get(id) ?? state.answer]))
    // Spread out, so that many agents do not fall due together.
    state.refreshedMs = nowMs - Math.random() * (refreshEveryMs / 4)
  }

  #wait(waitMs: number, states: readonly AgentState[], signal: AbortSignal | undefined): Promise<void> {
    if (states.some((state) => state.dirty)) return Promise.resolve()
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer)
        this.#waiters.delete(finish)
        signal?.removeEventListener('abort', finish)
        resolve()
      }
      const timer = setTimeout(finish, Math.min(waitMs, heartbeatEveryMs))
      this.#waiters.add(finish)
      signal?.addEventListener('abort', finish, { once: true })
    })
  }

  #wakeAll(): void {
    for (const waiter of [...this.#waiters]) waiter()
  }
}

/** By identity, which agents of this process keep: ten thousand of them are not worth comparing in depth each time. */
function saysTheSame(request: HostSyncRequest, earlier: HostSyncRequest | undefined): boolean {
  return (
    earlier !== undefined &&
    request.engine === earlier.engine &&
    request.accelerator === earlier.accelerator &&
    request.capacity === earlier.capacity &&
    request.images === earlier.images &&
    request.zoneIds === earlier.zoneIds
  )
}

function parseRevision(revision: string): { epoch: string; answer: number; hash: string } {
  const [epoch = '', answer = '', hash = ''] = revision.split('.')
  return { epoch, answer: Number(answer) || 0, hash }
}
