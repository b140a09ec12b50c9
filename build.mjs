// Bundles the programs into dist/. Bundled, they start several times faster than from their many source files.
import { build } from 'esbuild'

const common = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  splitting: true,
  sourcemap: true,
  sourcesContent: false,
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  // Packages with native code load it from beside themselves.
  external: ['pg-native', '@node-rs/*', 'sharp'],
  // CommonJS packages inside the bundle call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
}

const entryPoints = {
  cli: 'apps/cli/main.ts',
  'cloud-worker': 'apps/cloud/worker-program.ts',
  'host-agent': 'apps/host-agent/main.ts',
}

if (process.argv.length > 2) {
  // node build.mjs <name>=<file> …: other programs, such as the benches.
  await build({ ...common, entryPoints: Object.fromEntries(process.argv.slice(2).map((pair) => pair.split('='))) })
} else {
  await build({ ...common, entryPoints })
}
