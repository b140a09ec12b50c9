// Prints, for each language, the messages that have no translation, and the translations that have no message.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const bundle = await build({
  entryPoints: [`${here}templates.ts`],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
})
const { listTemplates } = await import(
  `data:text/javascript;base64,${Buffer.from(bundle.outputFiles[0].text).toString('base64')}`
)
const templates = listTemplates(`${here}..`)
for (const locale of ['zh-CN', 'zh-HK', 'ja', 'ms', 'id', 'hi', 'ar', 'de']) {
  const catalogue = JSON.parse(readFileSync(`${here}${locale}.json`, 'utf8'))
  const missing = templates.filter((template) => !(template in catalogue))
  const stale = Object.keys(catalogue).filter((template) => !templates.includes(template))
  console.log(JSON.stringify({ locale, missing, stale }, null, 2))
}
