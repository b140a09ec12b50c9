import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { locales } from '@pileus/world/locales'
import { IntlMessageFormat } from 'intl-messageformat'
import { describe, expect, test } from 'vitest'
import { catalogues } from './catalogues.ts'
import { listSources, listTemplates, templatesOf } from './templates.ts'

const rootDir = fileURLToPath(new URL('..', import.meta.url))
const templates = listTemplates(rootDir)

/** Names of the places in a message, whatever forms of plurals it has. */
function placesOf(message: string): string[] {
  const names = new Set<string>()
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const part of node) visit(part)
      return
    }
    if (typeof node !== 'object' || node === null) return
    const { type, value, options } = node as {
      type: number
      value: string
      options?: Record<string, { value: unknown }>
    }
    // 0 is literal text and 7 the # of a plural.
    if (type !== 0 && type !== 7) names.add(value)
    for (const option of Object.values(options ?? {})) visit(option.value)
  }
  visit(new IntlMessageFormat(message, 'en', undefined, { ignoreTag: true }).getAst())
  return [...names].sort()
}

test('texts are found however they are written', () => {
  const source = [
    "errorCatalogue({ A: [404, 'no {id}'], B: [",
    '  400,',
    '  "it\'s {x}",',
    ']})',
    "ContractError.invalid(name, 'at most {limit} elements', { limit })",
    `say\`at \${a.map((x) => ({ x }))[0]} and \\\`\${b}\\\`\``,
  ].join('\n')
  expect(templatesOf(source)).toEqual(['no {id}', "it's {x}", 'at most {limit} elements', 'at {0} and `{1}`'])
})

test('reasons are texts, and not strings that nobody could translate', () => {
  // What reconcilers find is for operators, and stays English.
  const spoken = listSources(rootDir).filter((path) => /\/(gateway|services)\/(?!.*\/reconcilers\/)/.test(path))
  const bare = spoken.filter((path) => /\breason: ['"`]/.test(readFileSync(path, 'utf8')))
  expect(bare).toEqual([])
})

describe.each(locales.filter((locale) => locale !== 'en'))('%s', (locale) => {
  const catalogue = catalogues[locale]

  test('has every message, and none that is not said any more', () => {
    expect(templates.length).toBeGreaterThan(300)
    expect(templates.filter((template) => !(template in catalogue))).toEqual([])
    const known = new Set(templates)
    expect(Object.keys(catalogue).filter((template) => !known.has(template))).toEqual([])
  })

  test('puts the same facts into each message', () => {
    for (const [template, message] of Object.entries(catalogue)) {
      const places = [...new Set([...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!))].sort()
      expect({ template, places: placesOf(message) }).toEqual({ template, places })
    }
  })
})
