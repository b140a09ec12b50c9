// Writes contract/generated/<file>.{json,ts} for every product of products.json that has an SDK package or a patch.
// `node contract/generate.mjs` does nothing when its inputs have not changed; `--force` writes anyway, and
// `--out <directory>` writes elsewhere.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { emitJson, emitTypeScript } from './generator/emit.mjs'
import { applyPatch } from './generator/patch.mjs'
import { findPackage, readSdk } from './generator/sdk.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const outFlag = process.argv.indexOf('--out')
const outDir = outFlag > 0 ? `${process.argv[outFlag + 1]}/` : `${here}generated/`
const stampFile = `${outDir}stamp`

const products = JSON.parse(readFileSync(`${here}products.json`, 'utf8')).filter((p) => p.package || p.patchOnly)
const patchFiles = readdirSync(`${here}patches`)
  .filter((name) => name.endsWith('.mjs'))
  .sort()

const stamp = hashInputs()
if (!process.argv.includes('--force') && readStamp() === stamp && products.every(isWritten)) {
  console.log('contract: up to date')
} else {
  mkdirSync(outDir, { recursive: true })
  // Without a stamp a run that dies half way is repeated in full.
  rmSync(stampFile, { force: true })
  const patches = await Promise.all(patchFiles.map(async (name) => (await import(`./patches/${name}`)).default))
  for (const product of products) generate(product, patches)
  write(stampFile, stamp)
}

function generate(product, patches) {
  const startedMs = performance.now()
  const shapes = product.package ? readSdk(product.package) : { actions: new Map(), models: new Map() }
  for (const patch of patches) {
    if (patch.product === product.product && patch.version === product.version) applyPatch(shapes, patch)
  }
  const source = product.package ? `${product.package}@${findPackage(product.package).version}` : 'contract/patches'
  write(`${outDir}${product.file}.json`, emitJson(product, shapes))
  write(`${outDir}${product.file}.ts`, emitTypeScript(product, source, shapes))
  const tookMs = Math.round(performance.now() - startedMs)
  console.log(
    `contract: ${product.product} ${product.version}, ${shapes.actions.size} actions from ${source} in ${tookMs} ms`,
  )
}

/** Readers never see half a file. */
function write(path, text) {
  const temporary = `${path}.${process.pid}`
  writeFileSync(temporary, text)
  renameSync(temporary, path)
}

function isWritten(product) {
  return existsSync(`${outDir}${product.file}.json`) && existsSync(`${outDir}${product.file}.ts`)
}

function readStamp() {
  return existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : undefined
}

function hashInputs() {
  const hash = createHash('sha256')
  const files = ['generate.mjs', 'products.json', 'generator/sdk.mjs', 'generator/patch.mjs', 'generator/emit.mjs']
  for (const file of [...files, ...patchFiles.map((name) => `patches/${name}`)]) {
    hash.update(`${file}\0`).update(readFileSync(`${here}${file}`))
  }
  for (const product of products) {
    if (product.package) hash.update(`${product.package}@${findPackage(product.package).version}\0`)
  }
  return hash.digest('hex')
}
