/** Finds in the host's own apt configuration where Debian comes from, so that no mirror is written into this code. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool } from './tool.ts'

/** One place packages come from. */
export interface AptSource {
  uris: string[]
  suites: string[]
  components: string[]
  /** Options of the one-line format, such as `signed-by` and `trusted`. */
  options: Record<string, string>
}

const optionNames: Record<string, string> = { 'signed-by': 'signed-by', trusted: 'trusted' }

/** Reads text in the one-line format (`deb [options] uri suite components`). Unusable lines are left out. */
export function parseOneLineSources(text: string): AptSource[] {
  const sources: AptSource[] = []
  for (const line of text.split('\n')) {
    const match = line.match(/^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)/)
    if (!match) continue
    const options: Record<string, string> = {}
    for (const option of (match[1] ?? '').split(/\s+/)) {
      const [name, value] = option.split('=', 2)
      if (name && value && optionNames[name.toLowerCase()]) options[name.toLowerCase()] = value
    }
    sources.push({ uris: [match[2]!], suites: [match[3]!], components: match[4]!.trim().split(/\s+/), options })
  }
  return sources
}

/** Reads text in the deb822 format (`.sources` files). Disabled and source-only entries are left out. */
export function parseDeb822Sources(text: string): AptSource[] {
  const sources: AptSource[] = []
  const lines = text.split('\n').filter((line) => !line.startsWith('#'))
  for (const paragraph of lines.join('\n').split(/\n\s*\n/)) {
    const fields = new Map<string, string>()
    for (const match of paragraph.matchAll(/^([A-Za-z-]+):[ \t]*(.*(?:\n[ \t]+.*)*)/gm)) {
      fields.set(match[1]!.toLowerCase(), match[2]!.trim())
    }
    const words = (name: string) => (fields.get(name) ?? '').split(/\s+/).filter((word) => word !== '')
    if (!words('types').includes('deb') || fields.get('enabled')?.toLowerCase() === 'no') continue
    const options: Record<string, string> = {}
    for (const name of Object.keys(optionNames)) {
      const value = fields.get(name)
      // A key given in place, over several lines, has no one-line form; the distribution's keyring serves then.
      if (value && !value.includes('\n')) options[name] = value
    }
    sources.push({ uris: words('uris'), suites: words('suites'), components: words('components'), options })
  }
  return sources
}

/**
 * Lines of a sources.list for one Debian release, out of the sources of a host that runs `hostRelease` of Debian.
 * Mirrors carry all releases that are supported, so a host of another release serves too.
 */
export function debianSourceLines(sources: readonly AptSource[], release: string, hostRelease: string): string[] {
  const lines = new Set<string>()
  for (const { uris, suites, components, options } of sources) {
    if (!components.includes('main')) continue
    const text = Object.entries(options).map(([name, value]) => `${name}=${value}`)
    for (const suite of suites) {
      const [, base, pocket] = suite.match(/^([a-z]+)(-updates|-security)?\/?$/) ?? []
      if (base !== release && base !== hostRelease) continue
      for (const uri of uris) {
        lines.add(`deb ${text.length > 0 ? `[${text.join(' ')}] ` : ''}${uri} ${release}${pocket ?? ''} main`)
      }
    }
  }
  return [...lines]
}

/** What the host's own apt sources say about a Debian release. @throws Error if they know no Debian. */
export async function readDebianSources(release: string): Promise<string[]> {
  const osRelease = await readFile('/etc/os-release', 'utf8')
  const isDebian = /^ID=debian$/m.test(osRelease)
  const hostRelease = isDebian ? (osRelease.match(/^VERSION_CODENAME=(\w+)$/m)?.[1] ?? release) : release
  const sources: AptSource[] = []
  const folder = '/etc/apt/sources.list.d'
  const names = (await readdir(folder).catch(() => [])).sort()
  for (const file of ['/etc/apt/sources.list', ...names.map((name) => join(folder, name))]) {
    if (!/\.(list|sources)$/.test(file)) continue
    const text = await readFile(file, 'utf8').catch(() => '')
    sources.push(...(file.endsWith('.sources') ? parseDeb822Sources(text) : parseOneLineSources(text)))
  }
  const lines = debianSourceLines(sources, release, hostRelease)
  if (!lines.some((line) => line.endsWith(` ${release} main`))) {
    throw new Error(`this machine's apt sources name no mirror of Debian ${release}; add one to ${folder}`)
  }
  return lines
}

/** The host's settings on how to reach mirrors (proxies, expiry), as options in apt's own syntax. */
export async function readTransportOptions(signal: AbortSignal | undefined): Promise<string[]> {
  const dump = await runTool('apt-config', ['dump', '--format', '%F "%v";%n', 'Acquire'], { signal })
  return dump
    .split('\n')
    .filter((line) => /^Acquire::(https?::.*|Check-Valid-Until|Check-Date|Retries) "[^"]+";$/.test(line))
}
