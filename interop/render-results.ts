/** The section of docs/parity.md about clients' own test suites, from what `run.mjs` kept. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface SuiteResults {
  suite: string
  /** Version of the client whose suite it is. */
  version: string
  tests: readonly [name: string, status: 'passed' | 'failed' | 'skipped'][]
}

export interface Reason {
  suite: string
  /** Parts of names of tests. */
  tests: readonly string[]
  /** `outside`: needs what no installation has by itself. `missing`: not implemented. `differs`: on purpose. */
  kind: 'outside' | 'missing' | 'differs'
  reason: string
}

const links: Readonly<Record<string, string>> = {
  'ali-oss': 'https://github.com/ali-sdk/ali-oss',
  oss2: 'https://github.com/aliyun/aliyun-oss-python-sdk',
}

export function readResults(): SuiteResults[] {
  const directory = join(import.meta.dirname, 'results')
  return readdirSync(directory)
    .sort()
    .map((file) => JSON.parse(readFileSync(join(directory, file), 'utf8')) as SuiteResults)
}

export function readReasons(): Reason[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'reasons.json'), 'utf8')) as Reason[]
}

/** The reason why a test did not pass; the first that fits. */
export function findReason(reasons: readonly Reason[], suite: string, test: string): Reason | undefined {
  return reasons.find((one) => one.suite === suite && one.tests.some((part) => test.includes(part)))
}

/** Tests that did not pass and have no reason, as `suite: test`. */
export function listUnexplained(results: readonly SuiteResults[], reasons: readonly Reason[]): string[] {
  return results.flatMap(({ suite, tests }) =>
    tests
      .filter(([name, status]) => status !== 'passed' && !findReason(reasons, suite, name))
      .map(([name]) => `${suite}: ${name}`),
  )
}

export function renderSuiteResults(): string {
  const reasons = readReasons()
  const results = readResults()
  const rows = results.map((result) => renderRow(result, reasons))
  const sections = results.map((result) => renderReasons(result, reasons))
  return `## Suites of clients

Each client's own tests, unmodified, run against this cloud by [interop/run.mjs](../interop/README.md). Tests that need
what no installation has by itself are counted apart.

| Suite | Version | Passed | Need something outside | Failed | Skipped | Passed of the others |
| --- | --- | ---: | ---: | ---: | ---: | ---: |
${rows.join('\n')}

${sections.join('\n\n')}
`
}

function renderRow({ suite, version, tests }: SuiteResults, reasons: readonly Reason[]): string {
  const count = (wanted: (name: string, status: string) => boolean): number =>
    tests.filter(([name, status]) => wanted(name, status)).length
  const isOutside = (name: string): boolean => findReason(reasons, suite, name)?.kind === 'outside'
  const passed = count((_, status) => status === 'passed')
  const outside = count((name, status) => status !== 'passed' && isOutside(name))
  const failed = count((name, status) => status === 'failed' && !isOutside(name))
  const skipped = count((name, status) => status === 'skipped' && !isOutside(name))
  const share = ((100 * passed) / (passed + failed)).toFixed(1)
  return `| [${suite}](${links[suite]}) | ${version} | ${passed} | ${outside} | ${failed} | ${skipped} | ${share} % |`
}

const kinds = { outside: 'needs something outside', missing: 'not implemented', differs: 'differs on purpose' } as const

function renderReasons({ suite, tests }: SuiteResults, reasons: readonly Reason[]): string {
  const byReason = new Map<Reason | undefined, string[]>()
  for (const [name, status] of tests) {
    if (status === 'passed') continue
    const reason = findReason(reasons, suite, name)
    byReason.set(reason, [...(byReason.get(reason) ?? []), name])
  }
  const lines = [...byReason].map(([reason, names]) => {
    const title = reason ? `${reason.reason} (${kinds[reason.kind]})` : 'No reason is known'
    return `- ${title}\n${names.map((name) => `  - ${escapeMarkdown(name)}`).join('\n')}`
  })
  return `### ${suite}: not passed\n\n${lines.join('\n')}`
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_<>[\]|]/g, '\\$&')
}
