/** Root keys of regions. These commands work on files, whether the cloud runs or not; a running one notices. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addGeneration, changeKeeping, type Keeping, readKeyFile } from '@pileus/kernel/region-key-file'
import { CliError } from '../cli-error.ts'
import { dataDirOf } from '../paths.ts'
import { askHidden, collectRegionSecrets, listKeyFiles, regionKeysDirectory } from '../region-secrets.ts'

interface Where {
  data?: string
  region: string
}

const newSecret = 'PILEUS_NEW_REGION_SECRET'

export function status(options: { data?: string; json?: boolean }): void {
  const found = listKeyFiles(dataDirOf(options)).map(({ regionId, file }) => {
    try {
      const { provider, current, keys } = readKeyFile(file, regionId)
      return { regionId, provider, generation: current, generations: Object.keys(keys).map(Number) }
    } catch (error) {
      return { regionId, problem: (error as Error).message }
    }
  })
  if (options.json) {
    process.stdout.write(`${JSON.stringify(found)}\n`)
    return
  }
  for (const one of found) {
    if ('problem' in one) process.stdout.write(`${one.regionId}: ${one.problem}\n`)
    else {
      const older = one.generations.length > 1 ? `, ${one.generations.length - 1} older kept` : ''
      process.stdout.write(`${one.regionId}: ${one.provider}, generation ${one.generation}${older}\n`)
    }
  }
  if (found.length === 0) process.stdout.write('no region has a root key yet: each is made when it is first needed\n')
}

export async function rewrap(options: Where): Promise<void> {
  const file = getKeyFile(options)
  const secrets = await collectRegionSecrets(dataDirOf(options))
  const generation = await attempt(() => addGeneration(file, options.region, { find: (id) => secrets.get(id) }))
  process.stdout.write(
    `${options.region} has generation ${generation} of its root key. While the cloud runs it seals everything again\n` +
      'within minutes; older generations leave the file a day later. Back the file up now.\n',
  )
}

export async function keep(
  options: Where & {
    as: 'file' | 'passphrase' | 'pkcs11'
    module?: string
    token?: string
    key?: string
    publicKey?: string
  },
): Promise<void> {
  const file = getKeyFile(options)
  const keeping = await readKeeping(options)
  const secrets = await collectRegionSecrets(dataDirOf(options))
  await attempt(() => changeKeeping(file, options.region, { find: (id) => secrets.get(id) }, keeping))
  process.stdout.write(`the root key of ${options.region} is now kept as: ${options.as}. Back ${file} up now.\n`)
  if (options.as === 'file') return
  process.stdout.write('A cloud that runs now has the region sealed until it is started again with the secret.\n')
}

async function readKeeping(options: Parameters<typeof keep>[0]): Promise<Keeping> {
  if (options.as === 'file') return { provider: 'file' }
  if (options.as === 'passphrase') {
    const passphrase = process.env[newSecret] ?? (await askHidden('new passphrase: '))
    if (!passphrase) throw new CliError(`give the new passphrase at the terminal, or in ${newSecret}`)
    if (passphrase.length < 12) throw new CliError('the new passphrase needs 12 characters or more')
    return { provider: 'passphrase', passphrase }
  }
  const { module, token, key, publicKey } = options
  if (!module || !token || !key || !publicKey) {
    throw new CliError('a token needs --module, --token, --key and --public-key')
  }
  const pem = readFileSync(publicKey, 'utf8')
  return { provider: 'pkcs11', module, tokenLabel: token, keyLabel: key, publicKey: pem }
}

function getKeyFile(options: Where): string {
  const file = join(regionKeysDirectory(dataDirOf(options)), `${options.region}.key`)
  if (existsSync(file)) return file
  throw new CliError(`${options.region} has no root key at ${file}: it is made when the region first needs it`)
}

async function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new CliError((error as Error).message)
  }
}
