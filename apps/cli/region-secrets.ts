/** Passphrases and PINs that unlock regions' root keys, asked for at each start and kept in memory alone. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { readUnlockSecrets } from '@pileus/cloud/unlock-secrets'
import { readKeyFile } from '@pileus/kernel/region-key-file'

export function regionKeysDirectory(dataDir: string): string {
  return join(dataDir, 'keys', 'regions')
}

export function listKeyFiles(dataDir: string): { regionId: string; file: string }[] {
  const directory = regionKeysDirectory(dataDir)
  if (!existsSync(directory)) return []
  const names = readdirSync(directory).filter((name) => name.endsWith('.key'))
  return names.sort().map((name) => ({ regionId: name.slice(0, -4), file: join(directory, name) }))
}

/**
 * Secrets of the regions that need one: from the environment or a file descriptor, else asked at the terminal. An
 * empty answer leaves the region sealed.
 */
export async function collectRegionSecrets(dataDir: string): Promise<Map<string, string>> {
  const given = readUnlockSecrets(process.env)
  const secrets = new Map<string, string>()
  for (const { regionId, file } of listKeyFiles(dataDir)) {
    let provider: string
    try {
      provider = readKeyFile(file, regionId).provider
    } catch {
      // The start says what is wrong with it, and goes on.
      continue
    }
    if (provider === 'file') continue
    const what = provider === 'pkcs11' ? 'PIN' : 'passphrase'
    const secret = given.find(regionId) ?? (await askHidden(`${what} of the root key of ${regionId}: `))
    if (secret) secrets.set(regionId, secret)
  }
  return secrets
}

/** Lines as `PILEUS_REGION_SECRETS_FD` is read. */
export function secretLines(secrets: ReadonlyMap<string, string>): string {
  return [...secrets].map(([regionId, secret]) => `${regionId}=${secret}\n`).join('')
}

/** Reads a line that the terminal does not show; undefined where nobody can be asked. */
export function askHidden(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return Promise.resolve(undefined)
  process.stderr.write(question)
  const output = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output, terminal: true })
  return new Promise((resolve) => {
    terminal.once('line', (line) => {
      terminal.close()
      process.stderr.write('\n')
      resolve(line)
    })
  })
}
