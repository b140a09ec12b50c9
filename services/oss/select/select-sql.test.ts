import { expect, test } from 'vitest'
import { compileExpression } from './compile-expression.ts'
import { parseSql } from './parse-sql.ts'
import { UnfitRecordError } from './select-errors.ts'
import { compileLike, type Value } from './values.ts'

/** What a condition says of a record with these columns. */
function judge(condition: string, columns: Record<string, Value>): Value {
  const { where } = parseSql(`select * from ossobject s where ${condition}`)
  const find = ({ steps }: { steps: readonly { kind: string; name?: string }[] }) => columns[steps[0]?.name ?? '']
  return compileExpression(where!)({ find })
}

test.each<[string, Value]>([
  ["name = 'Ann'", true],
  ["s.name = 'Ann' and ossobject.age > 40", true],
  ["name <> 'Ann' or age = 41", true],
  ["name = 'Ann' or age = 1 and age = 2", true],
  ["(name = 'Ann' or age = 1) and age = 2", false],
  ["not name = 'Bob'", true],
  ['age + 1 * 2 = 43', true],
  ['-age % 10 = -1', true],
  ['age / 0 = 1', null],
  ["name || '/' || age = 'Ann/41'", true],
  ['age between 41 and 42', true],
  ['age not between 41 and 42', false],
  ["name in ('Bob', 'Ann')", true],
  ['age not in (1, 2)', true],
  ["name like 'A_n'", true],
  ["name not like '%z%'", true],
  ["rate like '50!%' escape '!'", true],
  ['gone is null and name is not null', true],
  ['gone = 1', null],
  ['not gone = 1', null],
  ['gone = 1 or age = 41', true],
  ['gone = 1 and age = 41', null],
  ["cast(age as int) = 41 and cast(name as string) = 'Ann'", true],
  ["cast('' as double) is null", true],
  ["cast(day as timestamp) < cast('2020-01-02T00:00:00Z' as timestamp)", true],
  ['cast(age as decimal(10, 2)) = 41.0', true],
  ["age > '5'", false],
  ["\"name\" = 'it''s'", false],
  ['true', true],
])('%s is %s', (condition, expected) => {
  expect(judge(condition, { name: 'Ann', age: '41', rate: '50%', day: '2020-01-01' })).toBe(expected)
})

test('texts are compared as texts, and as numbers with a number', () => {
  expect(judge("v > '5'", { v: '41' })).toBe(false)
  expect(judge('v > 5', { v: '41' })).toBe(true)
  expect(judge('v > 5', { v: 'many' })).toBe(null)
  expect(() => judge('cast(v as int) > 5', { v: 'many' })).toThrow(UnfitRecordError)
})

test.each([
  ['', 'ends too early'],
  ['select', 'ends too early'],
  ['select * from other', '"other" is not expected at character 15'],
  ['select * from ossobject where', 'ends too early'],
  ['select * from ossobject group by a', '"group" is not expected'],
  ['select * from ossobject order by _1', '"order" is not expected'],
  ['select * from ossobject a join b on a.x = b.x', '"join" is not expected'],
  ['select a || b from ossobject', 'concat is not supported'],
  ['select a, count(*) from ossobject', 'count is not supported'],
  ['select * from ossobject where avg(a) > 1', 'avg is not supported'],
  ["select * from ossobject where a = 'b", 'is not expected'],
  ['select a[*] from ossobject', 'not supported'],
  ['select * from ossobject limit x', '"x" is not expected'],
  ["select * from ossobject where a like 'b' escape 'cd'", '"cd" is not expected'],
  [`select * from ossobject where ${'('.repeat(100)}`, 'nested deeper'],
  [`select * from ossobject where ${'not '.repeat(100)} a`, 'nested deeper'],
  [`select * from ossobject where ${'- '.repeat(100)} 1 = 1`, 'nested deeper'],
  [`select * from ossobject where ${'a and '.repeat(2000)} a`, 'more than 1024 parts'],
  [`select ${'a'.repeat(17_000)} from ossobject`, 'longer than 16384 bytes'],
])('%.60s is refused', (sql, reason) => {
  expect(() => parseSql(sql)).toThrow(reason)
})

test('one stray quote or a semicolon at the end is taken', () => {
  expect(parseSql("select a from ossobject'").output).toEqual(parseSql('select a from ossobject;').output)
})

test('paths, names and limits', () => {
  expect(parseSql("SELECT s.a['b'][2] AS x, _1 y FROM OSSObject.c[*].d s LIMIT 3")).toMatchObject({
    path: [{ name: 'c' }, { kind: 'each' }, { name: 'd' }],
    output: {
      columns: [
        { alias: 'x', expression: { steps: [{ name: 'a' }, { name: 'b' }, { index: 2 }] } },
        { alias: 'y', expression: { steps: [{ name: '_1' }] } },
      ],
    },
    limit: 3,
  })
})

test('no pattern takes long', () => {
  expect(compileLike('%b%a_c%', undefined)('xxbxaxc')).toBe(true)
  expect(compileLike('%ab', undefined)('a')).toBe(false)
  const slow = compileLike(`%${'a'.repeat(500)}_b%`, undefined)
  expect(() => slow('a'.repeat(200_000))).toThrow(UnfitRecordError)
})
