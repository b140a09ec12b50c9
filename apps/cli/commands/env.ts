import { delimiter, join } from 'node:path'
import type { ReadyBlock } from '@pileus/cloud/config'
import { CliError } from '../cli-error.ts'
import { askControlPlane } from '../control-client.ts'
import { dataDirOf, installDir } from '../paths.ts'
import { syntaxes } from '../shell-syntax.ts'

/** Prints exports that bring official clients, with their ordinary configuration, to this cloud. */
export async function env(options: { data?: string; shell: string; region?: string; unset?: boolean }): Promise<void> {
  const dataDir = dataDirOf(options)
  const syntax = syntaxes[options.shell] ?? syntaxes['posix']!
  if (options.unset) {
    for (const name of Object.keys(variables(undefined, ''))) process.stdout.write(`${syntax.unset(name)}\n`)
    const rest = otherPythonPath()
    if (rest.length > 0) process.stdout.write(`${syntax.set('PYTHONPATH', rest.join(delimiter))}\n`)
    return
  }
  const ready = await askControlPlane<ReadyBlock>(dataDir, '/v1/ready')
  if (!ready) throw new CliError(`no cloud runs on ${dataDir}; start one with ./pileus up`)
  const region = options.region ?? ready.defaultRegion
  if (!ready.regions.includes(region))
    throw new CliError(`this cloud does not serve "${region}"; it serves ${ready.regions.join(', ')}`)
  for (const [name, value] of Object.entries(variables(ready, region)))
    process.stdout.write(`${syntax.set(name, value)}\n`)
  // Last, for shells that are given all of it as one line.
  process.stdout.write('# "aliyun oss", ossutil and the OSS SDKs for Go look for no proxy. Give them\n')
  process.stdout.write(`# --endpoint http://${ready.endpoint} or --proxy-host http://${ready.endpoint}\n`)
}

/** Variables that the official CLI, SDKs and Terraform provider read. */
function variables(ready: ReadyBlock | undefined, region: string): Record<string, string> {
  const proxy = `http://${ready?.endpoint}`
  const id = ready?.accessKeyId ?? ''
  const secret = ready?.accessKeySecret ?? ''
  const bundle = ready?.caBundleFile ?? ''
  return {
    ALIBABA_CLOUD_ACCESS_KEY_ID: id,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret,
    ALIBABA_CLOUD_REGION_ID: region,
    ALIBABA_CLOUD_REGION: region,
    OSS_ACCESS_KEY_ID: id,
    OSS_ACCESS_KEY_SECRET: secret,
    ALICLOUD_ACCESS_KEY: id,
    ALICLOUD_SECRET_KEY: secret,
    ALICLOUD_REGION: region,
    // Terraform's provider otherwise asks billing which kind of account this is.
    ALIBABA_CLOUD_ACCOUNT_TYPE: 'Domestic',
    ALIBABA_CLOUD_IGNORE_PROFILE: 'TRUE',
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    http_proxy: proxy,
    https_proxy: proxy,
    NO_PROXY: 'localhost,127.0.0.1,::1',
    no_proxy: 'localhost,127.0.0.1,::1',
    SSL_CERT_FILE: bundle,
    REQUESTS_CA_BUNDLE: bundle,
    CURL_CA_BUNDLE: bundle,
    ALIBABA_CLOUD_CA_BUNDLE: bundle,
    NODE_EXTRA_CA_CERTS: ready?.caFile ?? '',
    // The SDK for Node looks for no proxy by itself; this leads it here, for the vendor's hosts alone.
    NODE_OPTIONS: `--require "${join(installDir(), 'gateway', 'proxy', 'node-preload.cjs')}"`,
    // The SDK for Python takes no CA from the environment when it goes through a proxy.
    PYTHONPATH: [pythonDir(), ...otherPythonPath()].join(delimiter),
  }
}

function pythonDir(): string {
  return join(installDir(), 'gateway', 'proxy', 'python')
}

/** What the caller's shell has in PYTHONPATH besides our own entry. */
function otherPythonPath(): string[] {
  return (process.env['PYTHONPATH'] ?? '').split(delimiter).filter((entry) => entry !== '' && entry !== pythonDir())
}
