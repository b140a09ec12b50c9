/**
 * An in-memory copy of the tables of interest, kept current by the server's updates (`monitor_cond_since`).
 * Rows are replaced, never changed, so a reader may keep one.
 */
import {
  type Atom,
  type ColumnValue,
  type DatabaseShape,
  decodeColumn,
  defaultColumn,
  patchColumn,
  type RowOf,
  type TableShape,
} from './schema.ts'

/** Reads one table of a replica. */
export interface TableView<T extends TableShape> {
  readonly rows: ReadonlyMap<string, RowOf<T>>
  get(uuid: string): RowOf<T> | undefined
  /** Uuids of the rows whose index key is `key`; empty when there is none, more than one when the key is not unique. */
  find(key: string): ReadonlySet<string>
  /** Every index key in use. */
  keys(): Iterable<string>
}

/** Computes a row's index key; rows that give undefined are not in the index. */
export type IndexKey<T extends TableShape> = (row: RowOf<T>) => string | undefined

type Indexes<D extends DatabaseShape> = { [N in keyof D]?: IndexKey<D[N]> }
type WireRows = Record<
  string,
  Partial<Record<'initial' | 'insert' | 'modify' | 'delete', Record<string, unknown> | null>>
>
type LooseRow = Record<string, ColumnValue>

const noRows: ReadonlySet<string> = new Set()

class Table {
  readonly shape: TableShape
  readonly rows = new Map<string, LooseRow>()
  readonly #keyOf: ((row: LooseRow) => string | undefined) | undefined
  readonly #index = new Map<string, Set<string>>()

  constructor(shape: TableShape, keyOf: ((row: LooseRow) => string | undefined) | undefined) {
    this.shape = shape
    this.#keyOf = keyOf
  }

  get(uuid: string): LooseRow | undefined {
    return this.rows.get(uuid)
  }

  find(key: string): ReadonlySet<string> {
    return this.#index.get(key) ?? noRows
  }

  keys(): Iterable<string> {
    return this.#index.keys()
  }

  put(uuid: string, row: LooseRow): void {
    this.delete(uuid)
    this.rows.set(uuid, row)
    const key = this.#keyOf?.(row)
    if (key === undefined) return
    const uuids = this.#index.get(key)
    if (uuids) uuids.add(uuid)
    else this.#index.set(key, new Set([uuid]))
  }

  delete(uuid: string): void {
    const row = this.rows.get(uuid)
    if (!row) return
    this.rows.delete(uuid)
    const key = this.#keyOf?.(row)
    if (key === undefined) return
    const uuids = this.#index.get(key)
    uuids?.delete(uuid)
    if (uuids?.size === 0) this.#index.delete(key)
  }

  clear(): void {
    this.rows.clear()
    this.#index.clear()
  }
}

/** Copy of one database's described tables. */
export class Replica<D extends DatabaseShape> {
  readonly shape: D
  readonly #tables = new Map<string, Table>()
  readonly #listeners = new Set<() => void>()

  constructor(shape: D, indexes: Indexes<D> = {}) {
    this.shape = shape
    for (const [name, table] of Object.entries(shape)) {
      const keyOf = indexes[name] as ((row: LooseRow) => string | undefined) | undefined
      this.#tables.set(name, new Table(table, keyOf))
    }
  }

  table<N extends keyof D & string>(name: N): TableView<D[N]> {
    return this.#get(name) as unknown as TableView<D[N]>
  }

  /** Takes an answer or update of the server in: `{table: {uuid: {initial|insert|modify|delete: row}}}`. */
  take(updates: Record<string, WireRows>): void {
    for (const [name, rows] of Object.entries(updates)) {
      const table = this.#get(name)
      for (const [uuid, change] of Object.entries(rows)) takeRow(table, uuid, change)
    }
    for (const listener of [...this.#listeners]) listener()
  }

  /** Forgets everything, before the server sends a whole copy. */
  clear(): void {
    for (const table of this.#tables.values()) table.clear()
  }

  /** Calls `listener` after each update; gives the function that ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Waits until `condition` holds in the replica. False when it does not within `timeoutMs`. */
  async until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    if (condition()) return true
    return await new Promise((resolve) => {
      const finish = (met: boolean) => {
        clearTimeout(timer)
        stop()
        resolve(met)
      }
      const timer = setTimeout(() => finish(false), timeoutMs)
      const stop = this.onChange(() => condition() && finish(true))
    })
  }

  #get(name: string): Table {
    const table = this.#tables.get(name)
    if (!table) throw new Error(`table ${name} is not described`)
    return table
  }
}

function takeRow(table: Table, uuid: string, change: WireRows[string]): void {
  const whole = change.initial ?? change.insert
  if (whole) {
    const row: LooseRow = {}
    for (const [column, shape] of Object.entries(table.shape)) {
      row[column] = column in whole ? decodeColumn(shape, whole[column]) : defaultColumn(shape)
    }
    table.put(uuid, row)
  } else if (change.modify) {
    const row: LooseRow = { ...table.get(uuid) }
    for (const [column, wire] of Object.entries(change.modify)) {
      const shape = table.shape[column]
      if (shape) row[column] = patchColumn(shape, row[column] as Atom, wire)
    }
    table.put(uuid, row)
  } else {
    table.delete(uuid)
  }
}
