/** Questions to the law packs. No cloud has to run. */
import { readFileSync } from 'node:fs'
import { englishOf } from '@pileus/kernel/messages/text'
import { type Explanation, explain, statusOn } from '@pileus/kernel/residency/explain'
import { checkFacts, isIsoDate, ResidencyQuestionError } from '@pileus/kernel/residency/question'
import { residencyReason } from '@pileus/kernel/residency/reason'
import { renderReport, verifyReport } from '@pileus/kernel/residency/report'
import { findLawPack, lawPacks } from '@pileus/world/laws'
import { findRegion, regions } from '@pileus/world/regions'
import { CliError } from '../cli-error.ts'

export interface ExplainOptions {
  from: string
  to: string
  class: string
  on?: string
  facts?: string
  lang?: string
  json?: boolean
}

const disclaimer = 'An engineering model of public rules. Not legal advice.'

/** Prints whether data may leave one place for another, and by which law. */
export function explainResidency(options: ExplainOptions): void {
  const from = placeOf(options.from)
  const to = placeOf(options.to)
  const on = options.on ?? new Date().toISOString().slice(0, 10)
  const dataClasses = options.class.split(',').map((one) => one.trim())
  const facts = withCity(parseFacts(options.facts), from.city)
  const found = answering(() => explain({ from: from.place, to: to.place, dataClasses, on, facts }))
  const reason = residencyReason(found, options.lang)
  if (options.json) process.stdout.write(`${JSON.stringify({ ...found, facts, why: reason, note: disclaimer })}\n`)
  else process.stdout.write(renderExplanation(found, reason))
}

/** A region stands for its jurisdiction; anything else is checked when it is asked about. */
function placeOf(text: string): { place: string; city?: string } {
  const region = findRegion(text)
  if (region) return { place: region.jurisdiction, city: region.city['en-US'] }
  if (text.includes('-')) {
    throw new CliError(`there is no region "${text}". Name one of ${regions.map(({ id }) => id).join(', ')}.`)
  }
  return { place: text.toUpperCase() }
}

function withCity(facts: Readonly<Record<string, unknown>>, city: string | undefined) {
  const known = city === undefined || 'fromCity' in facts ? facts : { ...facts, fromCity: city }
  answering(() => checkFacts(known))
  return known as Parameters<typeof explain>[0]['facts']
}

function parseFacts(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {}
  try {
    const json = text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text
    return JSON.parse(json) as Record<string, unknown>
  } catch (error) {
    throw new CliError(
      `--facts takes a JSON object such as '{"ciio":false}', or @<file> with one: ${(error as Error).message}`,
    )
  }
}

const optionOf = { from: '--from', to: '--to', dataClasses: '--class', on: '--on', facts: '--facts' } as const

function answering<T>(ask: () => T): T {
  try {
    return ask()
  } catch (error) {
    if (error instanceof ResidencyQuestionError)
      throw new CliError(`${optionOf[error.parameter]}: ${englishOf(error.reason)}`)
    throw error
  }
}

/** For people; `reason` is in their language. */
export function renderExplanation(found: Explanation, reason: string): string {
  const lines = [
    `${found.decision.toUpperCase()}  ${found.dataClasses.join(', ')}  ${found.from} -> ${found.to}  on ${found.on}`,
    reason,
    ...(found.statutes.length > 0 ? ['', 'Laws applied'] : []),
    ...found.statutes.map(
      (one) =>
        `  ${one.decision.padEnd(12)}${one.id}  ${one.title}\n` +
        `${' '.repeat(14)}${one.citation} (${one.status}, confidence ${one.confidence})`,
    ),
    ...found.statutes.flatMap((one) =>
      one.needs.map((need) => `  needs       ${need.need} (${need.statuteId}): ${need.says}`),
    ),
    ...found.routes.map((route) => `  route       ${route}`),
    ...found.warnings.map((id) => `  announced   ${id} is not binding yet on this day`),
    ...(found.localCopyRequired ? [`  copy        one must remain in ${found.from}`] : []),
    ...found.duties.map((duty) => `  duty        ${duty}`),
    '',
    disclaimer,
  ]
  return `${lines.join('\n')}\n`
}

/** Prints the laws that are known, and how they stand on a day. */
export function listLaws(options: { jurisdiction?: string; on?: string; json?: boolean }): void {
  const on = options.on ?? new Date().toISOString().slice(0, 10)
  if (!isIsoDate(on)) throw new CliError(`--on: "${on}" is not a date such as 2026-11-01.`)
  const packs = options.jurisdiction === undefined ? lawPacks : [packOf(options.jurisdiction)]
  if (options.json) {
    const laws = packs.flatMap((pack) =>
      pack.statutes.map((one) => ({ ...one, status: statusOn(one, on) ?? 'unknown-then' })),
    )
    process.stdout.write(`${JSON.stringify(laws)}\n`)
    return
  }
  const lines = packs.flatMap((pack) => [
    `${pack.jurisdiction}  ${pack.summary}`,
    ...pack.statutes.map((one) => {
      const status = statusOn(one, on) ?? `from ${one.from}`
      return `  ${one.id.padEnd(18)}${status.padEnd(30)}${one.leaving.padEnd(12)}${one.title}`
    }),
  ])
  process.stdout.write(`${[...lines, '', disclaimer].join('\n')}\n`)
}

function packOf(text: string) {
  const { place } = placeOf(text)
  const pack = findLawPack(place)
  if (pack) return pack
  const known = lawPacks.map(({ jurisdiction }) => jurisdiction).join(', ')
  throw new CliError(`there are no laws of "${text}" here. There are those of ${known}.`)
}

/** Says whether a report is as it was signed, and shows it. */
export function verifyResidencyReport(file: string, options: { key?: string; json?: boolean }): void {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new CliError(`cannot read ${file}: ${(error as Error).message}`)
  }
  const verified = verifyReport(unwrap(text), options.key)
  if (verified.kind === 'invalid') throw new CliError(`${file} is not to be believed: ${verified.reason}`)
  const { report, publicKey } = verified
  if (options.json) process.stdout.write(`${JSON.stringify({ valid: true, publicKey, report })}\n`)
  else {
    const trust = options.key
      ? 'by the key given'
      : 'by the key below; compare it with the one that the operator publishes, or give it with --key'
    process.stdout.write(`valid        signed ${trust}\nkey          ${publicKey}\n\n${renderReport(report)}`)
  }
}

/** The answer of GenerateResidencyReport holds the report as text. */
function unwrap(text: string): string {
  try {
    const { Report } = JSON.parse(text) as { Report?: unknown }
    return typeof Report === 'string' ? Report : text
  } catch {
    return text
  }
}
