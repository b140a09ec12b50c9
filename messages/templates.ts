/** Finds every sentence that the sources say to customers: error catalogues, `say` texts, and what the contract expects. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folders = ['kernel', 'gateway', 'services', 'contract']

/** All templates of the checkout at `rootDir`, sorted, each once. */
export function listTemplates(rootDir: string): string[] {
  const found = new Set<string>()
  for (const path of listSources(rootDir)) {
    for (const template of templatesOf(readFileSync(path, 'utf8'))) {
      // What is facts alone has no words.
      if (/\p{L}/u.test(template.replace(/\{\w+\}/g, ''))) found.add(template)
    }
  }
  return [...found].sort()
}

export function listSources(rootDir: string): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(rootDir, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
      .filter((path) => !/(^|\/)(node_modules|generated)\//.test(path))
      .map((path) => join(rootDir, folder, path)),
  )
}

const literal = `'(?:[^'\\\\]|\\\\.)*'|"(?:[^"\\\\]|\\\\.)*"`
const catalogueEntry = new RegExp(`\\[\\s*[1-5]\\d\\d,\\s*(${literal})`, 'g')
const expectation = new RegExp(`ContractError\\.invalid\\([^'",]*,\\s*(${literal})`, 'g')

/** The templates in one source. */
export function templatesOf(source: string): string[] {
  const literals = [catalogueEntry, expectation].flatMap((pattern) => [...source.matchAll(pattern)])
  return [...literals.map((match) => unquoted(match[1]!)), ...saidIn(source)]
}

function unquoted(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/g, '$1')
}

/** Templates of tagged texts, with `{0}`, `{1}` for what is put in. */
function saidIn(source: string): string[] {
  const out: string[] = []
  for (const match of source.matchAll(/\bsay`/g)) {
    let template = ''
    let places = 0
    let at = match.index + match[0].length
    while (source[at] !== '`') {
      if (source[at] === '\\') {
        template += source[at + 1]
        at += 2
      } else if (source.startsWith('${', at)) {
        template += `{${places++}}`
        at = endOfPlace(source, at + 2)
      } else {
        template += source[at]
        at += 1
      }
    }
    out.push(template)
  }
  return out
}

/** Where the text goes on after the `}` that ends a place. */
function endOfPlace(source: string, start: number): number {
  let depth = 1
  let at = start
  while (depth > 0) {
    if (source[at] === '{') depth += 1
    if (source[at] === '}') depth -= 1
    if (at > source.length) throw new Error('a place of a text does not end')
    at += 1
  }
  return at
}
