/**
 * The network driver over OVN: writes logical networks to its northbound database.
 *
 * Each pass renders the desired network to rows, compares them with a replica of the database, and writes the whole
 * difference as one transaction, so that a port is never there without its policy. OVN's `northd` translates
 * everything again after each transaction, which takes most of a second with ten thousand ports; therefore calls that
 * arrive during a pass share the next one.
 *
 * The transaction also counts `NB_Global.nb_cfg` up, for two reasons. It expects the value that was compared with, so
 * that two control planes never both insert what both saw missing. And OVN answers with `sb_cfg` when the southbound
 * database has been brought up to date, and `hv_cfg` when every host has: a port counts as ready when the transaction
 * that last changed its rows or policy has been answered so.
 */
import { effect } from '@pileus/kernel/effects'
import type { LogicalNetwork, NetworkDriver, NetworkReport } from '@pileus/kernel/fabric/network'
import { OvsdbClient, OvsdbTransactionError } from '../ovsdb/client.ts'
import { Operations } from '../ovsdb/operations.ts'
import { Replica } from '../ovsdb/replica.ts'
import { diffNetwork, type KnownEqual, type NetworkDiff, rowKeyOf } from './diff.ts'
import { type NorthboundTables, northboundTables } from './northbound-tables.ts'
import { RenderCache, type RenderOptions, renderNetwork, type WantedRows } from './render.ts'

export interface OvnDriverOptions extends RenderOptions {
  /** Of the northbound database: `unix:<path>` or `tcp:<host>:<port>`. */
  address: string
  /**
   * What makes a port ready: OVN's southbound database is up to date, or so is every host. The latter is stricter, and
   * a dead host holds it up. Default `southbound`.
   */
  readyAt?: 'southbound' | 'hosts'
  /** Longest time `apply` waits for that; ports that are not ready by then are left out of its report. Default 5 s. */
  settleTimeoutMs?: number
}

/**
 * Whether somebody else wrote between our look and our transaction: the counter is not what it was, or, in a database
 * that is new, `northd` made the one global row that we made too.
 */
function isOvertaken(error: unknown, seen: { uuid: string | undefined }): boolean {
  if (!(error instanceof OvsdbTransactionError)) return false
  return error.error === 'timed out' || (seen.uuid === undefined && error.error === 'constraint violation')
}

const defaultSettleTimeoutMs = 5000
const maxAttempts = 10

/** Starts a driver; it connects by itself and goes on trying. */
export function createOvnDriver(options: OvnDriverOptions): NetworkDriver {
  return new OvnDriver(options)
}

interface Waiter {
  resolve(report: NetworkReport): void
  reject(error: unknown): void
}

class OvnDriver implements NetworkDriver {
  readonly #options: OvnDriverOptions
  readonly #replica: Replica<NorthboundTables>
  readonly #client: OvsdbClient<NorthboundTables>
  readonly #build = new Operations(northboundTables)
  readonly #rendered = new RenderCache()
  readonly #knownEqual: KnownEqual = new WeakMap()
  /** The value of `nb_cfg` that OVN must have answered before a port is ready; ready ports are absent. */
  readonly #pendingPorts = new Map<string, number>()
  #next: { desired: LogicalNetwork; waiters: Waiter[] } | undefined
  #running: Promise<void> | undefined
  /** What OVN had been asked for before this driver's first write, and must have answered; 0 once it has. */
  #baseline: number | undefined
  /** The value of `nb_cfg` that this driver's last transaction wrote. */
  #lastCommit = 0
  #closed = false

  constructor(options: OvnDriverOptions) {
    this.#options = options
    const keyOf = rowKeyOf(options.cell)
    this.#replica = new Replica(northboundTables, {
      Logical_Router: keyOf,
      Logical_Router_Port: keyOf,
      Logical_Router_Static_Route: keyOf,
      Logical_Switch: keyOf,
      Logical_Switch_Port: keyOf,
      DHCP_Options: keyOf,
      Port_Group: keyOf,
      ACL: keyOf,
    })
    this.#client = new OvsdbClient({ address: options.address, database: 'OVN_Northbound', replica: this.#replica })
  }

  async apply(desired: LogicalNetwork): Promise<NetworkReport> {
    return await new Promise((resolve, reject) => {
      const waiters = this.#next?.waiters ?? []
      waiters.push({ resolve, reject })
      this.#next = { desired, waiters }
      this.#running ??= this.#run()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#client.close()
    // Wakes whoever waits for the replica to change.
    this.#replica.take({})
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#next) {
      const { desired, waiters } = this.#next
      this.#next = undefined
      try {
        const report = await this.#pass(desired)
        for (const waiter of waiters) waiter.resolve(report)
      } catch (error) {
        for (const waiter of waiters) waiter.reject(error)
      }
    }
    this.#running = undefined
  }

  async #pass(desired: LogicalNetwork): Promise<NetworkReport> {
    const wanted = renderNetwork(desired, this.#options, this.#rendered)
    const changes = await this.#write(wanted)
    await this.#settle()
    const readyPortIds: string[] = []
    if (this.#baseline !== 0) return { readyPortIds, changes }
    for (const router of desired.routers) {
      for (const logicalSwitch of router.switches) {
        for (const port of logicalSwitch.ports) if (!this.#pendingPorts.has(port.id)) readyPortIds.push(port.id)
      }
    }
    return { readyPortIds, changes }
  }

  /** Number of rows written. */
  async #write(wanted: WantedRows): Promise<number> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#client.ready()
      const seen = this.#global()
      this.#baseline ??= seen.nbCfg
      const diff = diffNetwork(wanted, this.#replica, this.#knownEqual)
      if (diff.operations.length === 0) {
        this.#forgetLostCommits(seen.nbCfg)
        return 0
      }
      try {
        await this.#commit(diff, seen)
        return diff.changes
      } catch (error) {
        if (!isOvertaken(error, seen) || attempt === maxAttempts) throw error
        await this.#replica.until(() => {
          const now = this.#global()
          return now.uuid !== seen.uuid || now.nbCfg !== seen.nbCfg
        }, 1000)
      }
    }
  }

  async #commit(diff: NetworkDiff, seen: { uuid: string | undefined; nbCfg: number }): Promise<void> {
    const guard = seen.uuid === undefined ? [] : [this.#build.expect('NB_Global', seen.uuid, { nb_cfg: seen.nbCfg })]
    const count =
      seen.uuid === undefined
        ? this.#build.insert('NB_Global', { nb_cfg: 1 })
        : this.#build.increment('NB_Global', seen.uuid, 'nb_cfg')
    for (const portId of diff.changedPortIds) this.#pendingPorts.set(portId, seen.nbCfg + 1)
    await effect('ovn.commit', () =>
      this.#client.transact('writing the logical network', [...guard, ...diff.operations, count]),
    )
    this.#lastCommit = seen.nbCfg + 1
  }

  /** What a lost transaction or an older copy of the database leaves unwritten is never answered; nobody waits for it. */
  #forgetLostCommits(nbCfg: number): void {
    this.#baseline = Math.min(this.#baseline ?? 0, nbCfg)
    this.#lastCommit = Math.min(this.#lastCommit, nbCfg)
    for (const [portId, pending] of this.#pendingPorts) if (pending > nbCfg) this.#pendingPorts.set(portId, nbCfg)
  }

  /** Waits for OVN to answer the last transaction, and forgets the ports that are ready. */
  async #settle(): Promise<void> {
    const last = Math.max(this.#baseline ?? 0, this.#lastCommit)
    const answered = () => {
      const global = this.#global()
      return this.#options.readyAt === 'hosts' ? global.hvCfg : global.sbCfg
    }
    const timeoutMs = this.#options.settleTimeoutMs ?? defaultSettleTimeoutMs
    await this.#replica.until(() => this.#closed || answered() >= last, timeoutMs)
    if (answered() >= (this.#baseline ?? 0)) this.#baseline = 0
    for (const [portId, nbCfg] of this.#pendingPorts) if (answered() >= nbCfg) this.#pendingPorts.delete(portId)
  }

  #global(): { uuid: string | undefined; nbCfg: number; sbCfg: number; hvCfg: number } {
    for (const [uuid, row] of this.#replica.table('NB_Global').rows) {
      return { uuid, nbCfg: row.nb_cfg, sbCfg: row.sb_cfg, hvCfg: row.hv_cfg }
    }
    return { uuid: undefined, nbCfg: 0, sbCfg: 0, hvCfg: 0 }
  }
}
