import type { TranslatedLocale } from '@pileus/world/locales'
import type { Catalogue } from '../../messages/translator.ts'
import ar from './ar.json' with { type: 'json' }
import de from './de.json' with { type: 'json' }
import hi from './hi.json' with { type: 'json' }
import id from './id.json' with { type: 'json' }
import ja from './ja.json' with { type: 'json' }
import ms from './ms.json' with { type: 'json' }
import zhCn from './zh-CN.json' with { type: 'json' }
import zhHk from './zh-HK.json' with { type: 'json' }

/** Translations of `sources`. */
export const residencyCatalogues: Readonly<Record<TranslatedLocale, Catalogue>> = {
  'zh-CN': zhCn,
  'zh-HK': zhHk,
  ja,
  ms,
  id,
  hi,
  ar,
  de,
}
