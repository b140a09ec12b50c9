// npm run bench -- <name> [options]: bundles bench/<name>.bench.ts with the programs that it starts, and runs it.
// Bundled, because Node runs no TypeScript, and because users run bundles too. Everything goes below .cache/bench.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)
const suffix = '.bench.ts'
const names = readdirSync(here)
  .filter((file) => file.endsWith(suffix))
  .map((file) => file.slice(0, -suffix.length))
const [name = '', ...options] = process.argv.slice(2)
if (!names.includes(name)) {
  console.error(`usage: npm run bench -- <name> [--rounds <count>] [--seconds <length of one measurement>]`)
  console.error(`benches: ${names.join(', ')}`)
  process.exit(2)
}

const cache = join(root, '.cache', 'bench')
mkdirSync(cache, { recursive: true })
// A directory of its own: several benches may run, and the checkout may be built meanwhile.
const outdir = mkdtempSync(join(cache, 'build-'))
const programs = readdirSync(join(here, 'programs')).filter((file) => file.endsWith('.ts'))
await build({
  entryPoints: {
    bench: join(here, `${name}${suffix}`),
    cli: join(root, 'apps/cli/main.ts'),
    'cloud-worker': join(root, 'apps/cloud/worker-program.ts'),
    ...Object.fromEntries(programs.map((file) => [file.replace(/\.ts$/, ''), join(here, 'programs', file)])),
  },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  splitting: true,
  sourcemap: true,
  sourcesContent: false,
  outdir,
  outExtension: { '.js': '.mjs' },
  // Native modules are found in node_modules, above the bundle.
  external: ['pg-native', '@node-rs/*', 'sharp'],
  // CommonJS packages inside the bundle call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
})

const child = spawn(process.execPath, ['--enable-source-maps', join(outdir, 'bench.mjs'), ...options], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PILEUS_ROOT: root, PILEUS_BENCH_PROGRAMS: outdir, PILEUS_BENCH_CACHE: cache },
})
// The bench ends what it started; this process only waits for it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', (code) => {
  rmSync(outdir, { recursive: true, force: true })
  process.exit(code ?? 1)
})
