/** Compares wanted rows with the northbound database and says what to write. Pure: it reads a replica and changes nothing. */
import { type Operation, Operations } from '../ovsdb/operations.ts'
import type { Replica, TableView } from '../ovsdb/replica.ts'
import { type ColumnValue, named, sameColumn } from '../ovsdb/schema.ts'
import {
  type NorthboundTables,
  northboundTables,
  type OwnedTable,
  ownerKey,
  rootTables,
  rowKey,
} from './northbound-tables.ts'
import type { Reference, WantedRow, WantedRows } from './render.ts'

export interface NetworkDiff {
  operations: Operation[]
  /** Rows inserted, changed and deleted. */
  changes: number
  /** Ports of which a row, or the policy, is not yet as wanted. */
  changedPortIds: Set<string>
}

/** A replica of the northbound database indexed for `diffNetwork`, by the key of the rows that `cell` made. */
export type NorthboundReplica = Replica<NorthboundTables>

/** Index for a `NorthboundReplica`: the row's key when `cell` made it. */
export function rowKeyOf(cell: string): (row: { external_ids: ReadonlyMap<string, string> }) => string | undefined {
  return (row) => (row.external_ids.get(ownerKey) === cell ? row.external_ids.get(rowKey) : undefined)
}

/** For each wanted row the observed one that it was last found equal to. Rows are replaced, never changed, on both sides. */
export type KnownEqual = WeakMap<WantedRow, object>

/**
 * What makes the rows of one cell in `observed` equal to `wanted`. Other rows are left alone.
 * @param known of earlier calls with the same replica; spares comparing what was equal and is still the same
 */
export function diffNetwork(
  wanted: WantedRows,
  observed: NorthboundReplica,
  known: KnownEqual = new WeakMap(),
): NetworkDiff {
  const diff = new Diff(observed, known)
  for (const [table, rows] of wanted) for (const key of rows.keys()) diff.identify(table, key)
  for (const [table, rows] of wanted) for (const [key, row] of rows) diff.compareRow(table, key, row)
  for (const table of Object.keys(northboundTables) as (keyof NorthboundTables)[]) {
    if (table !== 'NB_Global') diff.dropStrays(table, wanted.get(table))
  }
  markMembers(wanted, diff)
  return { operations: diff.operations, changes: diff.changed.size, changedPortIds: diff.changedPortIds }
}

type AnyView = TableView<Record<string, { kind: 'atom'; type: 'string' }>>
type LooseRow = Record<string, ColumnValue>

class Diff {
  readonly operations: Operation[] = []
  /** Uuids of rows that are written. */
  readonly changed = new Set<string>()
  readonly changedPortIds = new Set<string>()
  readonly changedGroups = new Set<string>()
  readonly #observed: NorthboundReplica
  readonly #known: KnownEqual
  readonly #build = new Operations(northboundTables)
  readonly #uuids = new Map<OwnedTable, Map<string, string>>()
  #nextName = 1

  constructor(observed: NorthboundReplica, known: KnownEqual) {
    this.#observed = observed
    this.#known = known
  }

  /** Settles which row is the wanted one: the first found under the key, or one to insert. */
  identify(table: OwnedTable, key: string): void {
    const uuids = this.#uuids.get(table) ?? new Map<string, string>()
    this.#uuids.set(table, uuids)
    const [found] = this.#view(table).find(key)
    uuids.set(key, found ?? named(`row${this.#nextName++}`))
  }

  compareRow(table: OwnedTable, key: string, wanted: WantedRow): void {
    const uuid = this.#uuidOf(table, key)
    const observed = this.#view(table).get(uuid) as LooseRow | undefined
    if (!observed) {
      this.#insert(table, key, uuid, wanted)
    } else if (this.#known.get(wanted) !== observed) {
      this.#update(table, key, uuid, wanted, observed)
      if (!this.changed.has(uuid)) this.#known.set(wanted, observed)
    }
  }

  #update(table: OwnedTable, key: string, uuid: string, wanted: WantedRow, observed: LooseRow): void {
    const update: LooseRow = {}
    for (const [column, value] of Object.entries(wanted.columns) as [string, ColumnValue][]) {
      if (!sameColumn(observed[column], value)) update[column] = value
    }
    for (const [column, reference] of Object.entries(wanted.references)) {
      const before = observed[column]
      if (before instanceof Set) {
        this.#compareReferences(table, uuid, key, column, before as ReadonlySet<string>, reference)
      } else {
        const [target] = this.#resolve(reference)
        if (before !== target) update[column] = target
      }
    }
    if (Object.keys(update).length === 0) return
    this.operations.push(this.#build.update(table, uuid, update as never))
    this.#mark(table, uuid, key)
  }

  /** Deletes rows that nobody wants. Rows that live by reference go when their parent lets go of them. */
  dropStrays(table: OwnedTable, wanted: ReadonlyMap<string, WantedRow> | undefined): void {
    const view = this.#view(table)
    for (const key of view.keys()) {
      const kept = wanted?.has(key) ? this.#uuidOf(table, key) : undefined
      for (const uuid of view.find(key)) {
        if (uuid === kept) continue
        if (rootTables.has(table)) this.operations.push(this.#build.delete(table, uuid))
        this.changed.add(uuid)
      }
    }
  }

  #insert(table: OwnedTable, key: string, uuid: string, wanted: WantedRow): void {
    const row: LooseRow = { ...(wanted.columns as LooseRow) }
    for (const [column, reference] of Object.entries(wanted.references)) {
      const targets = this.#resolve(reference)
      const shape = (northboundTables[table] as Record<string, { kind: string }>)[column]
      row[column] = shape?.kind === 'set' ? targets : [...targets][0]
    }
    this.operations.push(this.#build.insert(table, row as never, uuid.slice(1)))
    this.#mark(table, uuid, key)
  }

  #compareReferences(
    table: OwnedTable,
    uuid: string,
    key: string,
    column: string,
    before: ReadonlySet<string>,
    reference: Reference,
  ): void {
    const wanted = this.#resolve(reference)
    const add = new Set<string>()
    for (const target of wanted) if (!before.has(target)) add.add(target)
    const remove = new Set<string>()
    // With nothing to add and as many as before, the two are the same set.
    if (add.size > 0 || wanted.size !== before.size) {
      const view = this.#view(reference.table)
      const keyOf = (row: LooseRow) => (row['external_ids'] as ReadonlyMap<string, string>).get(rowKey)
      for (const target of before) {
        if (wanted.has(target)) continue
        const row = view.get(target) as LooseRow | undefined
        // A row that others put there is theirs to remove.
        if (row && view.find(keyOf(row) ?? '').has(target)) remove.add(target)
      }
    }
    if (add.size > 0) this.operations.push(this.#build.add(table, uuid, column as never, add))
    if (remove.size > 0) this.operations.push(this.#build.remove(table, uuid, column as never, remove))
    if (add.size === 0 && remove.size === 0) return
    if (table === 'Port_Group' && column === 'ports') this.#markMoved(uuid, reference, add, remove)
    else this.#mark(table, uuid, key)
  }

  /** Ports that join or leave a group; the policy of those that stay does not change. */
  #markMoved(uuid: string, reference: Reference, add: ReadonlySet<string>, remove: ReadonlySet<string>): void {
    this.changed.add(uuid)
    for (const portId of reference.keys) {
      if (add.has(this.#uuidOf('Logical_Switch_Port', portId))) this.changedPortIds.add(portId)
    }
    for (const target of remove) {
      const left = this.#view('Logical_Switch_Port').get(target) as LooseRow | undefined
      const portId = (left?.['external_ids'] as ReadonlyMap<string, string> | undefined)?.get(rowKey)
      if (portId !== undefined) this.changedPortIds.add(portId)
    }
  }

  #mark(table: OwnedTable, uuid: string, key: string): void {
    this.changed.add(uuid)
    if (table === 'Logical_Switch_Port') this.changedPortIds.add(key)
    else if (table === 'Port_Group') this.changedGroups.add(key)
    // The key of an access control list begins with its group's.
    else if (table === 'ACL') this.changedGroups.add(key.slice(0, key.indexOf('/')))
  }

  #resolve(reference: Reference): ReadonlySet<string> {
    const uuids = new Set<string>()
    for (const key of reference.keys) uuids.add(this.#uuidOf(reference.table, key))
    return uuids
  }

  #uuidOf(table: OwnedTable, key: string): string {
    const uuid = this.#uuids.get(table)?.get(key)
    if (uuid === undefined) throw new Error(`${table} ${key} is referred to, and not among the wanted rows`)
    return uuid
  }

  #view(table: OwnedTable): AnyView {
    return this.#observed.table(table) as unknown as AnyView
  }
}

/** Ports of a group whose rules change. */
function markMembers(wanted: WantedRows, diff: Diff): void {
  for (const group of diff.changedGroups) {
    const members = wanted.get('Port_Group')?.get(group)?.references['ports']?.keys
    if (members) for (const portId of members) diff.changedPortIds.add(portId)
  }
}
