/** What this cloud says, in other languages: a file for each, by English template. @see messages/README.md */
import type { Catalogue } from '@pileus/kernel/messages/translator'
import type { TranslatedLocale } from '@pileus/world/locales'
import ar from './ar.json' with { type: 'json' }
import de from './de.json' with { type: 'json' }
import hi from './hi.json' with { type: 'json' }
import id from './id.json' with { type: 'json' }
import ja from './ja.json' with { type: 'json' }
import ms from './ms.json' with { type: 'json' }
import zhCn from './zh-CN.json' with { type: 'json' }
import zhHk from './zh-HK.json' with { type: 'json' }

export const catalogues: Readonly<Record<TranslatedLocale, Catalogue>> = {
  'zh-CN': zhCn,
  'zh-HK': zhHk,
  ja,
  ms,
  id,
  hi,
  ar,
  de,
}
