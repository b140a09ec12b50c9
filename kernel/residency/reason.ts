/** Says a decision in a sentence or a few, in the caller's language. Codes, ids and citations are the same in all. */
import type { Locale } from '@pileus/world/locales'
import type { Text } from '../messages/text.ts'
import { createTranslator, localeOf } from '../messages/translator.ts'
import type { AppliedStatute, Explanation, Need } from './explain.ts'
import { residencyCatalogues } from './messages/catalogues.ts'
import { needPhrase, templates } from './messages/templates.ts'

const { translate } = createTranslator(residencyCatalogues)

/** Statutes that a reason names at most; the decision's row has all. */
const maxNamed = 3

/** `language` is a tag or a weighted list, English when none of it is spoken here. */
export function residencyReason(explanation: Explanation, language: string | undefined): string {
  const { from, to, decision, statutes, on } = explanation
  const words = wordsIn(language)
  const places = { from: words.placeName(from), to: words.placeName(to) }
  const data = explanation.dataClasses.join(', ')
  if (from === to) return words.say(templates.stays, { ...places, data })
  const named = statutes.filter((statute) => statute.decision === decision && isTelling(statute, explanation))
  if (named.length === 0) return words.say(templates.nothing, { ...places, data, on })
  return named
    .slice(0, maxNamed)
    .map((statute) => {
      const law = `${statute.citation} [${statute.id}]`
      const facts = { ...places, data: statute.dataClasses.join(', ') }
      if (decision === 'deny') return words.say(templates.denied, { ...facts, law })
      if (decision === 'conditional') {
        return words.say(templates.needs, { ...facts, law, needs: words.anyOf(statute.needs) })
      }
      return words.say(templates.allowed, { ...facts, law, way: words.wayOf(statute) })
    })
    .join(' ')
}

/** Says that an account's own policy does not allow a place. */
export function policyReason(
  policy: { accountId: string; allowed: readonly string[]; regionId: string },
  language: string | undefined,
): string {
  const { accountId, allowed, regionId } = policy
  return wordsIn(language).say(templates.policy, { account: accountId, allowed: allowed.join(', '), region: regionId })
}

/** Whether it had a part in the decision, rather than being about something else. */
function isTelling({ because, needs }: AppliedStatute, explanation: Explanation): boolean {
  if (because.kind === 'free' || because.kind === 'stays') return false
  return because.kind !== 'needs' || needs.some(({ need }) => explanation.needs.includes(need))
}

interface Words {
  say(template: string, facts: Readonly<Record<string, string>>): string
  placeName(place: string): string
  anyOf(needs: readonly Need[]): string
  wayOf(statute: AppliedStatute): string
}

const known = new Map<Locale, Words>()

function wordsIn(language: string | undefined): Words {
  const locale = localeOf(language)
  const words = known.get(locale) ?? createWords(locale)
  known.set(locale, words)
  return words
}

function createWords(locale: Locale): Words {
  const names = new Intl.DisplayNames([locale], { type: 'region' })
  const choices = new Intl.ListFormat(locale, { type: 'disjunction' })
  const say = (template: string, facts: Readonly<Record<string, string>> = {}): string =>
    translate({ template, facts } satisfies Text, locale)
  const phrase = (need: string): string => say(needPhrase(need))
  return {
    say,
    placeName: (place) => names.of(place) ?? place,
    anyOf: (needs) => {
      const options = needs.flatMap((need) => need.options ?? [need.need])
      return choices.format([...new Set(options)].map(phrase))
    },
    wayOf: ({ because }) => ('need' in because ? phrase(because.need) : ''),
  }
}
