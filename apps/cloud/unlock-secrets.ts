import { readFileSync } from 'node:fs'
import type { UnlockSecrets } from '@pileus/kernel/region-key-file'

const one = 'PILEUS_REGION_SECRET_'
const all = 'PILEUS_REGION_SECRET'
const descriptor = 'PILEUS_REGION_SECRETS_FD'

/**
 * Passphrases and PINs that unlock the root keys of regions: `PILEUS_REGION_SECRET_CN_HANGZHOU` for one region,
 * `PILEUS_REGION_SECRET` for all others, and lines `<region>=<secret>` from the file descriptor that
 * `PILEUS_REGION_SECRETS_FD` names. They are taken out of `environment`, so that no child process has them.
 */
export function readUnlockSecrets(environment: NodeJS.ProcessEnv): UnlockSecrets {
  const secrets = new Map<string, string>()
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || !name.startsWith(one)) continue
    secrets.set(name.slice(one.length).toLowerCase().replaceAll('_', '-'), value)
    delete environment[name]
  }
  const fallback = environment[all]
  delete environment[all]
  const number = environment[descriptor]
  delete environment[descriptor]
  if (number !== undefined) {
    for (const line of readFileSync(Number(number), 'utf8').split('\n')) {
      const split = line.indexOf('=')
      if (split > 0) secrets.set(line.slice(0, split).trim(), line.slice(split + 1))
    }
  }
  return { find: (regionId) => secrets.get(regionId) ?? fallback }
}
