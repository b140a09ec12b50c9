import { expect, test } from 'vitest'
import { englishOf, say } from './text.ts'
import { type Catalogue, createTranslator, localeOf } from './translator.ts'

const none: Catalogue = {}
const catalogues = { 'zh-CN': none, 'zh-HK': none, ja: none, ms: none, id: none, hi: none, ar: none, de: none }

test('a text in English has its facts in their places, texts among them', () => {
  const reason = say`it must be at most ${3} characters, and is "${'abcd'}".`
  expect(englishOf({ template: '{parameter} is not valid: {reason}', facts: { parameter: 'Name', reason } })).toBe(
    'Name is not valid: it must be at most 3 characters, and is "abcd".',
  )
  expect(englishOf({ template: 'no {place}', facts: {} })).toBe('no {place}')
})

test('a text and the texts in it are translated; what has no translation stays English', () => {
  const de = {
    '{parameter} is not valid: {reason}': '{parameter} ist ungültig: {reason}',
    'at most {0}': 'höchstens {0}',
  }
  const { translate } = createTranslator({ ...catalogues, de })
  const inner = (reason: ReturnType<typeof say>) => ({
    template: '{parameter} is not valid: {reason}',
    facts: { parameter: 'Name', reason },
  })
  expect(translate(inner(say`at most ${1234}`), 'de-DE,de;q=0.9')).toBe('Name ist ungültig: höchstens 1234')
  expect(translate(inner(say`not known`), 'de')).toBe('Name ist ungültig: not known')
  expect(translate(inner(say`at most ${3}`), 'fr, *')).toBe('Name is not valid: at most 3')
  expect(translate({ template: '{parameter} is not valid: {reason}', facts: {} }, 'de')).toContain('is not valid')
})

test('Arabic counts in six forms, and keeps ids in one piece', () => {
  const ar = {
    '{count} regions in {id}':
      '{count, plural, one {منطقة} two {منطقتان} few {# مناطق} many {# منطقة} other {# منطقة}} {id}',
  }
  const { translate } = createTranslator({ ...catalogues, ar })
  const said = (count: number) => translate({ template: '{count} regions in {id}', facts: { count, id: 'i-1' } }, 'ar')
  expect([1, 2, 3, 18].map(said)).toEqual(
    ['منطقة', 'منطقتان', '3 مناطق', '18 منطقة'].map((words) => `${words} \u2068i-1\u2069`),
  )
})

test('Hong Kong reads Chinese where its own wording is missing', () => {
  const { translate } = createTranslator({ ...catalogues, 'zh-CN': { gone: '没有' } })
  expect(translate({ template: 'gone', facts: {} }, 'zh-TW')).toBe('没有')
})

test.each([
  [undefined, 'en'],
  ['*', 'en'],
  ['zh', 'zh-CN'],
  ['zh-Hans-HK', 'zh-CN'],
  ['zh_TW', 'zh-HK'],
  ['fr, ja;q=0.4, de;q=0.5', 'de'],
  ['in-ID', 'id'],
  ['xx', 'en'],
  ['constructor', 'en'],
  ['__proto__', 'en'],
  ['en-US,ar', 'en'],
])('%s is answered in %s', (acceptLanguage, locale) => {
  expect(localeOf(acceptLanguage)).toBe(locale)
})
