import { preferredLanguages } from '@pileus/world/languages'
import { directionOf, findLocale, type Locale, type TranslatedLocale } from '@pileus/world/locales'
import { IntlMessageFormat } from 'intl-messageformat'
import { englishOf, type Text } from './text.ts'

/** Translations by English template, in ICU MessageFormat. */
export type Catalogue = Readonly<Record<string, string>>

export interface Translator {
  /** The text in the first language of `acceptLanguage` (a tag or a weighted list) that is spoken here, else English. */
  translate(text: Text, acceptLanguage: string | undefined): string
}

/** Where to look when a language has no translation, before English. */
const fallback: Readonly<Partial<Record<Locale, TranslatedLocale>>> = { 'zh-HK': 'zh-CN' }

export function createTranslator(catalogues: Readonly<Record<TranslatedLocale, Catalogue>>): Translator {
  const formats = new Map<string, IntlMessageFormat>()
  const formatOf = (template: string, locale: Locale): IntlMessageFormat | undefined => {
    if (locale === 'en') return undefined
    // Templates are the program's own, so this map cannot be grown by callers.
    const key = `${locale} ${template}`
    const known = formats.get(key)
    if (known) return known
    const translation = catalogues[locale][template]
    if (translation === undefined) {
      const next = fallback[locale]
      return next && formatOf(template, next)
    }
    const made = new IntlMessageFormat(translation, numberLocale[locale], undefined, { ignoreTag: true })
    formats.set(key, made)
    return made
  }
  const inLocale = (message: Text, locale: Locale): string => {
    const format = formatOf(message.template, locale)
    if (!format) return englishOf(message)
    const facts = Object.entries(message.facts).map(([name, fact]) => {
      if (typeof fact === 'object') return [name, inLocale(fact, locale)]
      return [name, typeof fact === 'string' && directionOf(locale) === 'rtl' ? isolate(fact) : fact]
    })
    try {
      return String(format.format(Object.fromEntries(facts)))
    } catch {
      // A fact that is missing must not cost the customer the message.
      return englishOf(message)
    }
  }
  return {
    translate(message, acceptLanguage) {
      const locale = localeOf(acceptLanguage)
      return locale === 'en' ? englishOf(message) : inLocale(message, locale)
    },
  }
}

/** Ids, addresses and counts are written in Latin digits everywhere. */
const numberLocale: Readonly<Record<TranslatedLocale, string>> = {
  'zh-CN': 'zh-CN',
  'zh-HK': 'zh-HK',
  ja: 'ja',
  ms: 'ms',
  id: 'id',
  hi: 'hi-u-nu-latn',
  ar: 'ar-u-nu-latn',
  de: 'de',
}

/** Keeps a left-to-right id from tearing a right-to-left sentence apart: FIRST STRONG ISOLATE … POP. */
function isolate(fact: string): string {
  return `\u2068${fact}\u2069`
}

// Callers choose the keys, nearly always among the same few: a full memory is forgotten rather than grown.
const knownLocales = new Map<string, Locale>()
const maxKnown = 256

/** The language to speak to who sent `acceptLanguage`: English when it names none that is spoken here. */
export function localeOf(acceptLanguage: string | undefined): Locale {
  const key = acceptLanguage ?? ''
  let locale = knownLocales.get(key)
  if (locale === undefined) {
    locale = 'en'
    for (const tag of preferredLanguages(key)) {
      const found = tag === '*' ? 'en' : findLocale(tag)
      if (!found) continue
      locale = found
      break
    }
    if (knownLocales.size >= maxKnown) knownLocales.clear()
    knownLocales.set(key, locale)
  }
  return locale
}
