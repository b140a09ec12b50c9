import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { effect } from '@pileus/kernel/effects'
import { runTool } from './tool.ts'

/** A kernel module's bytes, uncompressed. */
export interface KernelModule {
  name: string
  content: Buffer
}

/** The modules of one kernel, as a package holds them (without the index files that only an installation makes). */
export class KernelModules {
  private readonly paths: ReadonlyMap<string, string>
  private readonly builtIn: ReadonlySet<string>

  private constructor(paths: ReadonlyMap<string, string>, builtIn: ReadonlySet<string>) {
    this.paths = paths
    this.builtIn = builtIn
  }

  /** Reads what is in `.../lib/modules/<version>`. */
  static async open(modulesDir: string): Promise<KernelModules> {
    const builtIn = (await readFile(join(modulesDir, 'modules.builtin'), 'utf8')).split('\n').map(moduleName)
    const files = await readdir(join(modulesDir, 'kernel'), { recursive: true })
    const modules = files.filter((file) => /\.ko(\.zst)?$/.test(file))
    return new KernelModules(
      new Map(modules.map((file) => [moduleName(file), join(modulesDir, 'kernel', file)])),
      new Set(builtIn),
    )
  }

  /**
   * The named modules and all they need, in an order in which they can be inserted one by one.
   * Those in the kernel itself are left out, and so are those of `without`.
   * @throws Error if the kernel has no such module.
   */
  async listInLoadOrder(names: readonly string[], without: readonly KernelModule[] = []): Promise<KernelModule[]> {
    const seen = new Set(without.map((module) => module.name))
    const ordered: KernelModule[] = []
    const visit = async (name: string) => {
      if (seen.has(name) || this.builtIn.has(name)) return
      seen.add(name)
      const content = await this.read(name)
      for (const needed of neededModules(content)) await visit(needed)
      ordered.push({ name, content })
    }
    for (const name of names) await visit(moduleName(name))
    return ordered
  }

  private async read(name: string): Promise<Buffer> {
    const path = this.paths.get(name)
    if (path === undefined) throw new Error(`the kernel has no module ${name}`)
    if (!path.endsWith('.zst')) return readFile(path)
    const plain = path.slice(0, -'.zst'.length)
    await effect('decompress kernel module', () => runTool('zstd', ['-q', '-f', '-d', path, '-o', plain]))
    return readFile(plain)
  }
}

/** File names have - and _ mixed; the kernel counts them as the same. */
function moduleName(file: string): string {
  return (file.split('/').at(-1) ?? '').replace(/\.ko(\.zst)?$/, '').replaceAll('-', '_')
}

/** Reads `depends=` of the module's `.modinfo` section. */
function neededModules(content: Buffer): string[] {
  const marker = '\0depends='
  const at = content.indexOf(marker, 0, 'latin1')
  if (at < 0) return []
  const start = at + marker.length
  const value = content.toString('latin1', start, content.indexOf(0, start))
  return value === '' ? [] : value.split(',').map(moduleName)
}
