/** The languages in which names of places are known. The vendor's default is `zh-CN`. */
export type PlaceLanguage = 'zh-CN' | 'en-US' | 'ja' | 'zh-HK'

/** One name in each language. */
export type PlaceNames = Readonly<Record<PlaceLanguage, string>>

/** The languages of a weighted list such as `ja, en;q=0.5`, most wanted first; lower case, `*` included. */
export function preferredLanguages(acceptLanguage: string): string[] {
  return acceptLanguage
    .split(',', 32)
    .map(parsePreference)
    .filter(({ tag, weight }) => tag !== '' && weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag)
}

interface Preference {
  tag: string
  weight: number
}

function parsePreference(part: string): Preference {
  const [tag = '', ...parameters] = part
    .trim()
    .toLowerCase()
    .split(/\s*;\s*/)
  const quality = parameters.find((parameter) => parameter.startsWith('q='))
  const weight = quality === undefined ? 1 : Number(quality.slice(2))
  return { tag: tag.replaceAll('_', '-'), weight: Number.isFinite(weight) ? weight : 0 }
}

function placeLanguageOf(tag: string): PlaceLanguage | undefined {
  const [language, ...subtags] = tag.split('-')
  if (language === 'en') return 'en-US'
  if (language === 'ja') return 'ja'
  if (language !== 'zh') return undefined
  if (subtags.includes('hans')) return 'zh-CN'
  return subtags.some((subtag) => ['hk', 'tw', 'mo', 'hant'].includes(subtag)) ? 'zh-HK' : 'zh-CN'
}

/**
 * The language to answer in, from the API parameter `AcceptLanguage` (one tag) or the header `Accept-Language`
 * (a weighted list). Nothing, or `*`, means the vendor's default `zh-CN`; languages that are all unknown mean `en-US`,
 * which their readers more probably know than Chinese.
 */
export function placeLanguage(acceptLanguage: string | undefined): PlaceLanguage {
  const key = acceptLanguage ?? ''
  let language = known.get(key)
  if (language === undefined) {
    language = chooseLanguage(key)
    // Callers choose the keys: a full memory is forgotten rather than grown.
    if (known.size >= maxKnown) known.clear()
    known.set(key, language)
  }
  return language
}

// Lists of places ask once for each name, nearly always for the same few values.
const known = new Map<string, PlaceLanguage>()
const maxKnown = 256

function chooseLanguage(acceptLanguage: string): PlaceLanguage {
  const preferences = preferredLanguages(acceptLanguage)
  if (preferences.length === 0) return 'zh-CN'
  for (const tag of preferences) {
    if (tag === '*') return 'zh-CN'
    const language = placeLanguageOf(tag)
    if (language !== undefined) return language
  }
  return 'en-US'
}
