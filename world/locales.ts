/** The languages this cloud speaks to people in. Codes, ids and logs have none. */

/** A BCP 47 tag. English is the source, in which every message is written first. */
export type Locale = 'en' | 'zh-CN' | 'zh-HK' | 'ja' | 'ms' | 'id' | 'hi' | 'ar' | 'de'

export const locales: readonly Locale[] = ['en', 'zh-CN', 'zh-HK', 'ja', 'ms', 'id', 'hi', 'ar', 'de']

/** Languages other than the source, which catalogues hold. */
export type TranslatedLocale = Exclude<Locale, 'en'>

/** In which direction a text in this language is written. */
export function directionOf(locale: Locale): 'ltr' | 'rtl' {
  return locale === 'ar' ? 'rtl' : 'ltr'
}

const byLanguage: ReadonlyMap<string, Locale> = new Map([
  ['en', 'en'],
  ['ja', 'ja'],
  ['ms', 'ms'],
  ['id', 'id'],
  // The tag of Indonesian before 1989, which old Java clients still send.
  ['in', 'id'],
  ['hi', 'hi'],
  ['ar', 'ar'],
  ['de', 'de'],
])

/** The locale that `tag` asks for; undefined when it is a language that this cloud does not speak. */
export function findLocale(tag: string): Locale | undefined {
  const [language = '', ...subtags] = tag.trim().toLowerCase().replaceAll('_', '-').split('-')
  if (language !== 'zh') return byLanguage.get(language)
  if (subtags.includes('hans')) return 'zh-CN'
  // Taiwan's readers are nearer to Hong Kong's wording than to simplified characters.
  return subtags.some((subtag) => ['hk', 'tw', 'mo', 'hant'].includes(subtag)) ? 'zh-HK' : 'zh-CN'
}
