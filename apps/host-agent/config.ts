import { readFile } from 'node:fs/promises'

/** What the agent of one machine is told in its configuration file (JSON). */
export interface HostAgentConfig {
  engine: 'qemu'
  /** Everything the agent and its machines keep. */
  dataDir: string
  /** Network namespace of machines and fabric; null for machines without a network. */
  namespace: string | null
  /** Directory of the fabric's databases and sockets; `<dataDir>/fabric` by default. */
  fabricDir: string
  /** `http://…`, `https://…` or `http+unix:///path/of/socket`. */
  controlUrl: string
  /** Bearer token for the control plane; empty when it asks for none. */
  token: string
  /** First uid of those that machines run under, one each; null keeps the agent's own. */
  firstUid: number | null
  /** `auto` takes KVM when a guest is proven to run on it. */
  accelerator: 'auto' | 'tcg'
  qemuBinary: string
  /** How long a guest may take to shut itself down. */
  graceMs: number
  vcpusPerCore: number
  reservedMemoryMiB: number
  /** Disk promised for each GiB there is; a machine that finds the disk full waits until there is room. */
  diskOvercommit: number
  logLevel: string
  /** Where it logs; null for standard error. */
  logFile: string | null
}

const defaults = {
  engine: 'qemu',
  namespace: null,
  token: '',
  firstUid: null,
  accelerator: 'auto',
  qemuBinary: 'qemu-system-x86_64',
  graceMs: 10_000,
  vcpusPerCore: 8,
  reservedMemoryMiB: 1024,
  diskOvercommit: 4,
  logLevel: 'info',
  logFile: null,
} as const

const types: Record<string, string[]> = {
  dataDir: ['string'],
  namespace: ['string', 'null'],
  fabricDir: ['string'],
  controlUrl: ['string'],
  token: ['string'],
  firstUid: ['number', 'null'],
  accelerator: ['string'],
  qemuBinary: ['string'],
  graceMs: ['number'],
  vcpusPerCore: ['number'],
  reservedMemoryMiB: ['number'],
  diskOvercommit: ['number'],
  logLevel: ['string'],
  logFile: ['string', 'null'],
  engine: ['string'],
}

/** Reads the file. @throws Error naming the first key that is missing, unknown or of the wrong type */
export async function readConfig(file: string): Promise<HostAgentConfig> {
  return parseConfig(JSON.parse(await readFile(file, 'utf8')))
}

export function parseConfig(value: unknown): HostAgentConfig {
  if (typeof value !== 'object' || value === null) throw new Error('the configuration is not a JSON object')
  const given = value as Record<string, unknown>
  const config = { ...defaults, fabricDir: `${String(given['dataDir'])}/fabric`, ...given } as Record<string, unknown>
  for (const key of Object.keys(config)) if (!types[key]) throw new Error(`unknown configuration key "${key}"`)
  for (const [key, allowed] of Object.entries(types)) {
    const type = config[key] === null ? 'null' : typeof config[key]
    if (!allowed.includes(type)) throw new Error(`configuration key "${key}" must be ${allowed.join(' or ')}`)
  }
  if (config['engine'] !== 'qemu') throw new Error(`this agent has no engine "${String(config['engine'])}"`)
  return config as unknown as HostAgentConfig
}
