/** A sentence for people, kept as a template and its facts until somebody's language is known. */
export interface Text {
  /** English, in ICU MessageFormat, with the facts as `{name}`. It is also the key of translations. */
  readonly template: string
  readonly facts: Facts
}

/** What fills a template. Texts are translated too; the rest is shown as it is. */
export type Fact = string | number | Text
export type Facts = Readonly<Record<string, Fact>>

/**
 * Writes a text where it is needed: say`it must be at most ${limit} characters.` has the template
 * `it must be at most {0} characters.`
 */
export function say(strings: TemplateStringsArray, ...values: readonly (Fact | undefined)[]): Text {
  const template = strings.reduce((whole, part, index) => `${whole}{${index - 1}}${part}`)
  return { template, facts: Object.fromEntries(values.map((value, index) => [String(index), value ?? ''])) }
}

/** The text in English. */
export function englishOf({ template, facts }: Text): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) => {
    const fact = facts[name]
    if (fact === undefined) return place
    return typeof fact === 'object' ? englishOf(fact) : String(fact)
  })
}
