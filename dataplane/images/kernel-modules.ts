import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { effect } from '@pileus/kernel/effects'
import { runTool } from './tool.ts'

/** A kernel module. */
export interface KernelModule {
  name: string
  /** Modules it needs, directly and indirectly, that are not in the kernel itself; the deepest last. */
  needs: string[]
  /** Uncompressed. */
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

  /** Whether the kernel itself holds what the module would bring. */
  isBuiltIn(name: string): boolean {
    return this.builtIn.has(moduleName(name))
  }

  /**
   * The named modules and all they need. Those in the kernel itself are left out.
   * @throws Error if the kernel has no such module.
   */
  async listWithNeeded(names: readonly string[]): Promise<KernelModule[]> {
    const found = new Map<string, KernelModule>()
    const visit = async (name: string): Promise<string[]> => {
      if (this.isBuiltIn(name)) return []
      const known = found.get(name)
      if (known) return [name, ...known.needs]
      const content = await this.read(name)
      const needs: string[] = []
      for (const needed of neededModules(content)) needs.push(...(await visit(needed)))
      found.set(name, { name, needs: [...new Set(needs.reverse())].reverse(), content })
      return [name, ...found.get(name)!.needs]
    }
    for (const name of names) await visit(moduleName(name))
    return [...found.values()]
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
