/**
 * How database columns look in this process. Each table is described once; row types, decoding, and the meaning of
 * incremental updates all follow from the description.
 *
 * | column kind | here                     |
 * |-------------|--------------------------|
 * | atom        | string, number, boolean  |
 * | optional    | the atom, or undefined   |
 * | set         | ReadonlySet of atoms     |
 * | map         | ReadonlyMap of atoms     |
 *
 * A uuid is a plain string here. When written it may also name a row inserted by the same transaction: see `named`.
 */

export type AtomType = 'string' | 'integer' | 'real' | 'boolean' | 'uuid'
export type Atom = string | number | boolean

export type ColumnShape =
  | { kind: 'atom'; type: AtomType }
  | { kind: 'optional'; type: AtomType }
  | { kind: 'set'; type: AtomType }
  | { kind: 'map'; key: AtomType; type: AtomType }

export type TableShape = Readonly<Record<string, ColumnShape>>
export type DatabaseShape = Readonly<Record<string, TableShape>>

export type AtomOf<T extends AtomType> = T extends 'string' | 'uuid' ? string : T extends 'boolean' ? boolean : number

export type ValueOf<C extends ColumnShape> = C extends { kind: 'atom' }
  ? AtomOf<C['type']>
  : C extends { kind: 'optional' }
    ? AtomOf<C['type']> | undefined
    : C extends { kind: 'set' }
      ? ReadonlySet<AtomOf<C['type']>>
      : C extends { kind: 'map'; key: infer K extends AtomType }
        ? ReadonlyMap<AtomOf<K>, AtomOf<C['type']>>
        : never

/** A row as the replica holds it. */
export type RowOf<T extends TableShape> = { readonly [C in keyof T]: ValueOf<T[C]> }

export type ColumnValue = Atom | undefined | ReadonlySet<Atom> | ReadonlyMap<Atom, Atom>

export const atom = <const T extends AtomType>(type: T) => ({ kind: 'atom', type }) as const
export const optional = <const T extends AtomType>(type: T) => ({ kind: 'optional', type }) as const
export const setOf = <const T extends AtomType>(type: T) => ({ kind: 'set', type }) as const
export const strings = { kind: 'map', key: 'string', type: 'string' } as const

type Wire = unknown

/** Value of a column as the server sends it whole. */
export function decodeColumn(shape: ColumnShape, wire: Wire): ColumnValue {
  if (shape.kind === 'map') return new Map(pairs(wire).map(([key, value]) => [decodeAtom(key), decodeAtom(value)]))
  const atoms = elements(wire).map(decodeAtom)
  if (shape.kind === 'set') return new Set(atoms)
  if (shape.kind === 'optional') return atoms[0]
  return atoms[0] ?? defaultColumn(shape)
}

/** Value of a column the server leaves out because it is the default. */
export function defaultColumn(shape: ColumnShape): ColumnValue {
  switch (shape.kind) {
    case 'set':
      return new Set()
    case 'map':
      return new Map()
    case 'optional':
      return undefined
    case 'atom':
      return shape.type === 'string'
        ? ''
        : shape.type === 'boolean'
          ? false
          : shape.type === 'uuid'
            ? '00000000-0000-0000-0000-000000000000'
            : 0
  }
}

/** A column after an incremental update: sets and maps come as what to toggle, other kinds whole. */
export function patchColumn(shape: ColumnShape, before: ColumnValue, wire: Wire): ColumnValue {
  if (shape.kind === 'set') {
    const after = new Set(before as ReadonlySet<Atom>)
    for (const element of elements(wire)) {
      const value = decodeAtom(element)
      if (!after.delete(value)) after.add(value)
    }
    return after
  }
  if (shape.kind === 'map') {
    const after = new Map(before as ReadonlyMap<Atom, Atom>)
    for (const [wireKey, wireValue] of pairs(wire)) {
      const key = decodeAtom(wireKey)
      const value = decodeAtom(wireValue)
      if (after.get(key) === value) after.delete(key)
      else after.set(key, value)
    }
    return after
  }
  return decodeColumn(shape, wire)
}

/** A column's value as the server wants it. */
export function encodeColumn(shape: ColumnShape, value: ColumnValue): Wire {
  if (shape.kind === 'map') {
    const entries = [...(value as ReadonlyMap<Atom, Atom>)]
    return ['map', entries.map(([key, each]) => [encodeAtom(shape.key, key), encodeAtom(shape.type, each)])]
  }
  if (shape.kind === 'set')
    return ['set', [...(value as ReadonlySet<Atom>)].map((each) => encodeAtom(shape.type, each))]
  if (value === undefined) return ['set', []]
  return encodeAtom(shape.type, value as Atom)
}

/** Whether two values of one column are the same. */
export function sameColumn(a: ColumnValue, b: ColumnValue): boolean {
  if (a instanceof Set && b instanceof Set) {
    if (a.size !== b.size) return false
    for (const each of a) if (!b.has(each)) return false
    return true
  }
  if (a instanceof Map && b instanceof Map) {
    if (a.size !== b.size) return false
    for (const [key, each] of a) if (b.get(key) !== each) return false
    return true
  }
  return a === b
}

const namedPrefix = '@'

/** Stands for the uuid of a row that the same transaction inserts with this `uuid-name`. */
export function named(uuidName: string): string {
  return namedPrefix + uuidName
}

function encodeAtom(type: AtomType, value: Atom): Wire {
  if (type !== 'uuid') return value
  const text = String(value)
  return text.startsWith(namedPrefix) ? ['named-uuid', text.slice(namedPrefix.length)] : ['uuid', text]
}

function decodeAtom(wire: Wire): Atom {
  if (Array.isArray(wire) && wire[0] === 'uuid') return String(wire[1])
  return wire as Atom
}

function elements(wire: Wire): Wire[] {
  return Array.isArray(wire) && wire[0] === 'set' ? (wire[1] as Wire[]) : [wire]
}

function pairs(wire: Wire): [Wire, Wire][] {
  return Array.isArray(wire) && wire[0] === 'map' ? (wire[1] as [Wire, Wire][]) : []
}
