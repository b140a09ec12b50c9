/** What an SQL expression of SelectObject says. */

/** A step into a value: a key, a place in an array, or each of its elements. */
export type Step =
  | { readonly kind: 'key'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'each' }

export interface Column {
  readonly kind: 'column'
  /** Without the alias of the object; never empty. */
  readonly steps: readonly Step[]
}

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%'
export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>='
export type CastType = 'int' | 'double' | 'string' | 'bool' | 'timestamp'

export type Expression =
  | Column
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[] }
  | { readonly kind: 'not' | 'negate'; readonly operand: Expression }
  | {
      readonly kind: 'arithmetic'
      readonly operator: ArithmeticOperator
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly kind: 'concat'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'like'
      readonly operand: Expression
      readonly pattern: string
      readonly escape: string | undefined
    }
  | { readonly kind: 'between'; readonly operand: Expression; readonly least: Expression; readonly most: Expression }
  | { readonly kind: 'in'; readonly operand: Expression; readonly values: readonly Expression[] }
  | { readonly kind: 'isNull'; readonly operand: Expression }
  | { readonly kind: 'cast'; readonly operand: Expression; readonly type: CastType }

export type AggregateName = 'count' | 'sum' | 'avg' | 'min' | 'max'

export interface Selected {
  readonly alias: string | undefined
  readonly expression: Expression
}

export interface Aggregate {
  readonly alias: string | undefined
  readonly name: AggregateName
  /** Undefined for `count(*)`. */
  readonly operand: Expression | undefined
}

export interface Query {
  readonly output:
    | { readonly kind: 'everything' }
    | { readonly kind: 'columns'; readonly columns: readonly Selected[] }
    | { readonly kind: 'aggregates'; readonly aggregates: readonly Aggregate[] }
  /** Where records are within a JSON object. */
  readonly path: readonly Step[]
  readonly where: Expression | undefined
  readonly limit: number | undefined
}
