import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { expect, test } from 'vitest'

test.skipIf(process.platform !== 'linux')('a secret in memory is not in a core dump', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pileus-core-'))
  try {
    const module = join(directory, 'core-dumps.mjs')
    buildSync({ entryPoints: [join(import.meta.dirname, 'core-dumps.ts')], outfile: module, format: 'esm' })
    const program = join(directory, 'program.mjs')
    writeFileSync(
      program,
      `import { readFileSync } from 'node:fs'
      import { keepMemoryOutOfCoreDumps } from './core-dumps.mjs'
      if (process.argv[2] === 'keep') keepMemoryOutOfCoreDumps()
      globalThis.secret = Buffer.from(['marker', 'of', 'a', 'secret'].join('-'))
      process.stdout.write(readFileSync('/proc/self/coredump_filter', 'utf8'))
      process.abort()`,
    )
    const dumps = (how: string): { filter: string; found: boolean[] } => {
      const shell = 'ulimit -c unlimited; exec "$@"'
      const { stdout } = spawnSync('sh', ['-c', shell, 'sh', process.execPath, program, how], { cwd: directory })
      const files = readdirSync(directory).filter((name) => /^core(\.\d+)?$/.test(name))
      const found = files.map((name) => readFileSync(join(directory, name)).includes('marker-of-a-secret'))
      for (const name of files) rmSync(join(directory, name))
      return { filter: String(stdout).trim(), found }
    }
    const plain = dumps('plain')
    const kept = dumps('keep')
    expect(Number.parseInt(kept.filter, 16)).toBe(0)
    expect(kept.found).not.toContain(true)
    // Where the system writes dumps beside the program, this shows that the search would find it.
    if (plain.found.length > 0) expect(plain.found).toContain(true)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
