// node interop/run.mjs <suite> --checkout <directory> [--only <part of a file's name>] [--python <interpreter>]
//
// Runs a client's own test suite, unmodified, against a private cloud. Without --only it keeps the result by test name
// in results/<suite>.json; `npm run parity` shows it in docs/parity.md. What each suite needs is said in README.md.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { runAliOss } from './suites/ali-oss.mjs'
import { runOss2 } from './suites/oss2.mjs'

const suites = { 'ali-oss': runAliOss, oss2: runOss2 }
const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { checkout: { type: 'string' }, only: { type: 'string' }, python: { type: 'string', default: 'python3' } },
})
const [name = ''] = positionals
const checkout = resolve(values.checkout ?? '')
if (!(name in suites) || values.checkout === undefined || !existsSync(checkout)) {
  console.error(`usage: node interop/run.mjs <${Object.keys(suites).join('|')}> --checkout <directory> [--only <file>]`)
  process.exit(2)
}

const cache = join(root, '.cache', 'interop')
mkdirSync(cache, { recursive: true })
const scratch = mkdtempSync(join(cache, 'run-'))
const cloud = await startCloud(scratch)
try {
  const started = Date.now()
  const { version, tests } = await suites[name]({
    ...values,
    checkout,
    cloud,
    scratch,
    environment: environment(cloud),
  })
  const counts = {}
  for (const { status } of tests) counts[status] = (counts[status] ?? 0) + 1
  for (const { name: test, status, message } of tests) {
    if (status === 'failed') console.log(`failed  ${test}\n        ${message}`)
  }
  console.log(`${name} ${version}: ${JSON.stringify(counts)} in ${Math.round((Date.now() - started) / 1000)} s`)
  if (values.only === undefined) {
    const results = { suite: name, version, tests: tests.map(({ name: test, status }) => [test, status]).sort() }
    const lines = results.tests.map((test) => `    ${JSON.stringify(test)}`).join(',\n')
    const { suite } = results
    const file = join(here, 'results', `${name}.json`)
    writeFileSync(file, `{\n  "suite": "${suite}",\n  "version": "${version}",\n  "tests": [\n${lines}\n  ]\n}\n`)
    console.log(`written to ${file}; npm run parity renews docs/parity.md`)
  }
} finally {
  cloud.stop()
  await cloud.ended
  rmSync(scratch, { recursive: true, force: true })
}

/** Starts suite-cloud.ts as a program of its own. */
async function startCloud(outdir) {
  execFileSync(process.execPath, ['contract/generate.mjs'], { cwd: root, stdio: 'ignore' })
  await build({
    entryPoints: { cloud: join(here, 'suite-cloud.ts') },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    splitting: true,
    outdir,
    outExtension: { '.js': '.mjs' },
    // Packages with native code load it from beside themselves.
    external: ['pg-native', '@node-rs/*', 'sharp'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  })
  const child = spawn(process.execPath, [join(outdir, 'cloud.mjs')], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise((done) => child.once('exit', done))
  const lines = createInterface({ input: child.stdout })
  const first = new Promise((done) => lines.once('line', (line) => done(JSON.parse(line))))
  const facts = await Promise.race([first, ended.then((code) => Promise.reject(new Error(`the cloud ended: ${code}`)))])
  return { ...facts, ended, stop: () => child.stdin.end() }
}

/** What `pileus env` gives, without keys: the vendor's host names lead to this cloud. */
function environment({ ready }) {
  const proxy = `http://${ready.endpoint}`
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    LANG: 'C.UTF-8',
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    http_proxy: proxy,
    https_proxy: proxy,
    NO_PROXY: 'localhost,127.0.0.1,::1',
    no_proxy: 'localhost,127.0.0.1,::1',
    REQUESTS_CA_BUNDLE: ready.caBundleFile,
    SSL_CERT_FILE: ready.caBundleFile,
    ALIBABA_CLOUD_CA_BUNDLE: ready.caBundleFile,
    NODE_EXTRA_CA_CERTS: ready.caFile,
    NODE_OPTIONS: `--require "${join(root, 'gateway', 'proxy', 'node-preload.cjs')}"`,
    PYTHONPATH: join(root, 'gateway', 'proxy', 'python'),
  }
}
