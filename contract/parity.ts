import { listProducts, loadProduct, type ProductRef } from './contract.ts'

/**
 * `docs/parity.md`: which actions of the contract are implemented. Keys are product codes; `Ess@2022-02-22` where a
 * product has two versions and only one is meant. The same input gives the same text.
 * @throws Error on a product or action the contract does not have
 */
export function renderParity(implemented: ReadonlyMap<string, ReadonlySet<string>>): string {
  const sections = listProducts().map((ref) => describeProduct(ref, implemented))
  assertKnown(implemented)
  const rows = sections.map(
    ({ ref, done, missing }) =>
      `| ${ref.product} | ${ref.version} | ${done.length} | ${done.length + missing.length} | ${percent(done, missing)} |`,
  )
  const lines = [
    '# Parity',
    '',
    'Generated; do not edit. Actions of the contract that are not implemented answer HTTP 501 with their name.',
    '',
    '| Product | Version | Implemented | Total | |',
    '| --- | --- | ---: | ---: | ---: |',
    ...rows,
    '',
  ]
  for (const section of sections) lines.push(...renderSection(section))
  return `${lines.join('\n').trimEnd()}\n`
}

interface Section {
  ref: ProductRef
  done: string[]
  missing: string[]
}

function describeProduct(ref: ProductRef, implemented: ReadonlyMap<string, ReadonlySet<string>>): Section {
  const done: string[] = []
  const missing: string[] = []
  for (const name of loadProduct(ref.product, ref.version).actionNames) {
    const isDone =
      implemented.get(ref.product)?.has(name) || implemented.get(`${ref.product}@${ref.version}`)?.has(name)
    ;(isDone ? done : missing).push(name)
  }
  return { ref, done, missing }
}

function renderSection({ ref, done, missing }: Section): string[] {
  const lines = [`## ${ref.product} ${ref.version}`, '', `${done.length} of ${done.length + missing.length}.`, '']
  if (done.length > 0) {
    lines.push('| Action | Required parameters |', '| --- | --- |')
    for (const name of done) lines.push(`| ${link(ref, name)} | ${requiredParameters(ref, name)} |`)
    lines.push('')
  }
  if (missing.length > 0) {
    lines.push('<details>', `<summary>Not implemented: ${missing.length}</summary>`, '')
    lines.push(missing.join(', '), '', '</details>', '')
  }
  return lines
}

function link(ref: ProductRef, name: string): string {
  return `[${name}](https://api.alibabacloud.com/document/${ref.product}/${ref.version}/${name})`
}

function requiredParameters(ref: ProductRef, name: string): string {
  const fields = loadProduct(ref.product, ref.version).findAction(name)?.request.fields.values() ?? []
  return [...fields]
    .filter((field) => field.required)
    .map((field) => `\`${field.name}\``)
    .join(', ')
}

function percent(done: string[], missing: string[]): string {
  const total = done.length + missing.length
  return `${total === 0 ? 0 : Math.floor((100 * done.length) / total)} %`
}

function assertKnown(implemented: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const [key, names] of implemented) {
    const known = listProducts().filter((p) => p.product === key || `${p.product}@${p.version}` === key)
    if (known.length === 0) throw new Error(`the contract has no product ${key}`)
    const actionNames = new Set(known.flatMap((p) => loadProduct(p.product, p.version).actionNames))
    for (const name of names) if (!actionNames.has(name)) throw new Error(`the contract has no action ${key} ${name}`)
  }
}
