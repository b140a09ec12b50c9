/** Builds the operations of an OVSDB transaction (RFC 7047, section 5.2) from typed rows. */
import {
  type Atom,
  type ColumnShape,
  type ColumnValue,
  type DatabaseShape,
  encodeColumn,
  type RowOf,
  type TableShape,
} from './schema.ts'

/** One operation, in the form the server takes. */
export interface Operation {
  op: 'insert' | 'update' | 'mutate' | 'delete' | 'wait' | 'comment' | 'select'
  table?: string
  [field: string]: unknown
}

/** Columns of a row to write; those left out keep their value, or take the default in a new row. */
export type WritableRow<T extends TableShape> = Partial<{ [C in keyof T]: RowOf<T>[C] }>

type TableName<D extends DatabaseShape> = keyof D & string

/** Builders of operations for one database. */
export class Operations<D extends DatabaseShape> {
  readonly #shape: D

  constructor(shape: D) {
    this.#shape = shape
  }

  /** @param uuidName name by which the same transaction refers to the row, through `named` */
  insert<N extends TableName<D>>(table: N, row: WritableRow<D[N]>, uuidName?: string): Operation {
    const operation: Operation = { op: 'insert', table, row: this.#encode(table, row) }
    if (uuidName !== undefined) operation['uuid-name'] = uuidName
    return operation
  }

  update<N extends TableName<D>>(table: N, uuid: string, row: WritableRow<D[N]>): Operation {
    return { op: 'update', table, where: byUuid(uuid), row: this.#encode(table, row) }
  }

  delete<N extends TableName<D>>(table: N, uuid: string): Operation {
    return { op: 'delete', table, where: byUuid(uuid) }
  }

  /** Adds elements to a set column, or keys to a map column, and leaves the others. */
  add<N extends TableName<D>>(table: N, uuid: string, column: keyof D[N] & string, values: ColumnValue): Operation {
    return this.#mutate(table, uuid, [[column, 'insert', values]])
  }

  /** Takes elements out of a set column and leaves the others. */
  remove<N extends TableName<D>>(
    table: N,
    uuid: string,
    column: keyof D[N] & string,
    values: ReadonlySet<Atom>,
  ): Operation {
    return this.#mutate(table, uuid, [[column, 'delete', values]])
  }

  /** Adds a number to an integer column. */
  increment<N extends TableName<D>>(table: N, uuid: string, column: keyof D[N] & string, by = 1): Operation {
    return { op: 'mutate', table, where: byUuid(uuid), mutations: [[column, '+=', by]] }
  }

  /** Makes the transaction fail with `timed out` unless the row holds these values now. */
  expect<N extends TableName<D>>(table: N, uuid: string, row: WritableRow<D[N]>): Operation {
    return {
      op: 'wait',
      table,
      timeout: 0,
      where: byUuid(uuid),
      columns: Object.keys(row),
      until: '==',
      rows: [this.#encode(table, row)],
    }
  }

  /** Text that goes into the database's log beside the transaction. */
  comment(text: string): Operation {
    return { op: 'comment', comment: text }
  }

  #mutate(table: string, uuid: string, mutations: [string, 'insert' | 'delete', ColumnValue][]): Operation {
    const shape = this.#table(table)
    return {
      op: 'mutate',
      table,
      where: byUuid(uuid),
      mutations: mutations.map(([column, mutator, value]) => [
        column,
        mutator,
        encodeColumn(columnOf(shape, column), value),
      ]),
    }
  }

  #encode(table: string, row: object): Record<string, unknown> {
    const shape = this.#table(table)
    const wire: Record<string, unknown> = {}
    for (const [column, value] of Object.entries(row)) wire[column] = encodeColumn(columnOf(shape, column), value)
    return wire
  }

  #table(name: string): TableShape {
    const table = this.#shape[name]
    if (!table) throw new Error(`table ${name} is not described`)
    return table
  }
}

function byUuid(uuid: string): unknown[] {
  return [['_uuid', '==', uuid.startsWith('@') ? ['named-uuid', uuid.slice(1)] : ['uuid', uuid]]]
}

function columnOf(table: TableShape, column: string): ColumnShape {
  const shape = table[column]
  if (!shape) throw new Error(`column ${column} is not described`)
  return shape
}
