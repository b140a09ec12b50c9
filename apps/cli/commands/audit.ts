/** The tamper-evident log, for those who check it. Only `export` needs a running cloud. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { canonicalJson, type Json } from '@pileus/kernel/audit/canonical-json'
import { type NoteVerifier, parseCheckpoint, parseVerifierKey } from '@pileus/kernel/audit/note'
import { checkProof, makeProof } from '@pileus/kernel/audit/proof'
import { subtreesOf } from '@pileus/kernel/audit/tiles'
import { type Verification, verifyLog } from '@pileus/kernel/audit/verify'
import { type OpenLog, openDirectory, openUrl } from '../audit-source.ts'
import { CliError } from '../cli-error.ts'
import { askControlPlane } from '../control-client.ts'
import { dataDirOf } from '../paths.ts'

export interface WhichLog {
  data?: string
  dir?: string
  url?: string
  region?: string
}

export interface VerifyOptions extends WhichLog {
  key?: string
  since?: readonly string[]
  save?: string
  json?: boolean
}

/** What `verify` exits with when a log is not as it was signed. */
const exitTampered = 2

/** Checks logs; exits with 2 when one was tampered with, and with 1 when that cannot be said. */
export async function verify(options: VerifyOptions): Promise<void> {
  const logs = await openLogs(options)
  const isOne = logs.length === 1
  if (!isOne && (options.key || options.save || options.since?.length)) {
    throw new CliError('a key and checkpoints belong to one log: name it with --region, --dir or --url.')
  }
  const results: { place: string; key: 'given' | 'beside the log'; verification: Verification }[] = []
  for (const log of logs) {
    const verifier = await verifierOf(log, options.key)
    const earlier = (options.since ?? []).map((file) => ({ name: file, note: readText(file) }))
    const verification = await verifyLog(log, { verifier, earlier })
    results.push({ place: log.place, key: options.key ? 'given' : 'beside the log', verification })
    if (options.save && verification.findings.length === 0) {
      writeFileSync(options.save, (await log.readCheckpoint()) ?? '', { flush: true })
    }
  }
  if (options.json) {
    const printable = results.map(({ place, key, verification: { checkpoint, findings } }) => ({
      place,
      key,
      origin: checkpoint?.origin,
      size: checkpoint?.size,
      root: checkpoint?.root.toString('base64'),
      findings,
    }))
    process.stdout.write(`${JSON.stringify(printable)}\n`)
  } else {
    for (const { place, key, verification } of results) process.stdout.write(render(place, key, verification))
  }
  if (results.some(({ verification }) => verification.findings.length > 0)) process.exitCode = exitTampered
}

/** Most findings that are printed. */
const maxShown = 100

function render(place: string, key: string, { checkpoint, findings }: Verification): string {
  if (findings.length === 0) {
    const trust =
      key === 'given' ? '' : ' by the key that lies beside it; give --key one that you got from the operator otherwise'
    return `${place}: ${checkpoint?.size} entries, as they were signed${trust}\n`
  }
  const lines = findings.slice(0, maxShown).map((finding) => `  ${finding.place}: ${finding.message}`)
  if (findings.length > maxShown) lines.push(`  and ${findings.length - maxShown} more`)
  return `${place}: NOT as it was signed\n${lines.join('\n')}\n`
}

/** Prints the signed checkpoint of each log. */
export async function checkpoint(options: WhichLog & { verifierKey?: boolean }): Promise<void> {
  for (const log of await openLogs(options)) {
    if (options.verifierKey) process.stdout.write(`${(await log.readVerifierKey()) ?? ''}\n`)
    else process.stdout.write(await getCheckpoint(log))
  }
}

/** Writes the logs of a running cloud from its database into a directory; `verify --dir` then checks the database. */
export async function exportLogs(options: { data?: string; region?: string; out: string }): Promise<void> {
  const directory = resolve(options.out)
  if (existsSync(directory) && readdirSync(directory).length > 0) throw new CliError(`${directory} is not empty`)
  const wanted = { directory, ...(options.region === undefined ? {} : { regionId: options.region }) }
  const dataDir = dataDirOf(options)
  const done = await askControlPlane<{ regionIds: string[] }>(dataDir, '/v1/audit/export', wanted, 600_000)
  if (!done) throw new CliError(`no cloud runs on ${dataDir}; start one with ./pileus up`)
  if (done.regionIds.length === 0) throw new CliError('that region has no log yet')
  for (const regionId of done.regionIds) process.stdout.write(`${join(directory, regionId)}\n`)
}

/** Prints the proof that an entry is in a log. */
export async function proof(options: WhichLog & { index: string }): Promise<void> {
  const log = await openOneLog(options)
  const note = await getCheckpoint(log)
  const { size } = parseCheckpoint(note)
  const index = Number(options.index)
  if (!Number.isInteger(index) || index < 0 || index >= size) {
    throw new CliError(`--index must be from 0 to ${size - 1}: the log has ${size} entries.`)
  }
  const readTile = async (tile: Parameters<OpenLog['readTile']>[0]): Promise<Buffer> => {
    const bytes = await log.readTile(tile)
    if (!bytes) throw new CliError(`${log.place} lacks a tile; run pileus audit verify.`)
    return bytes
  }
  process.stdout.write(await makeProof(index, note, subtreesOf(size, readTile)))
}

/** Says whether a proof shows an event to be in the log of a key. The event may have been formatted since. */
export function check(options: { proof: string; event: string; key: string }): void {
  const verifier = parseKey(options.key)
  let event: Json
  try {
    event = JSON.parse(readText(options.event)) as Json
  } catch {
    throw new CliError(`${options.event} does not hold one event as JSON`)
  }
  try {
    const index = checkProof(readText(options.proof), Buffer.from(canonicalJson(event)), verifier)
    process.stdout.write(`the event is entry ${index} of ${verifier.name}\n`)
  } catch (error) {
    if (error instanceof CliError) throw error
    process.stdout.write(`NOT proved: ${(error as Error).message}\n`)
    process.exitCode = exitTampered
  }
}

async function openLogs(options: WhichLog): Promise<OpenLog[]> {
  if (options.url) return [await openUrl(options.url)]
  if (options.dir) return [openDirectory(resolve(options.dir))]
  const root = join(dataDirOf(options), 'audit')
  const regionIds = options.region ? [options.region] : existsSync(root) ? readdirSync(root).sort() : []
  const found = regionIds.map((regionId) => join(root, regionId)).filter((folder) => existsSync(folder))
  if (found.length === 0) {
    const what = options.region ? `a log of ${options.region}` : 'a log'
    throw new CliError(`${root} does not hold ${what}; name another with --data, --dir or --url.`)
  }
  return found.map(openDirectory)
}

async function openOneLog(options: WhichLog): Promise<OpenLog> {
  const [log, ...more] = await openLogs(options)
  if (!log || more.length > 0) throw new CliError('there are several logs: name one with --region.')
  return log
}

async function getCheckpoint(log: OpenLog): Promise<string> {
  const note = await log.readCheckpoint()
  if (note === undefined) throw new CliError(`${log.place} has no checkpoint`)
  return note
}

async function verifierOf(log: OpenLog, key: string | undefined): Promise<NoteVerifier> {
  const text = key ?? (await log.readVerifierKey())
  if (!text) throw new CliError(`${log.place} has no verifier key beside it; give --key.`)
  return parseKey(text)
}

/** A key, or the file that holds one. */
function parseKey(text: string): NoteVerifier {
  try {
    return parseVerifierKey(existsSync(text) ? readText(text) : text)
  } catch (error) {
    throw new CliError((error as Error).message)
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new CliError(`cannot read ${file}: ${(error as NodeJS.ErrnoException).code}`)
  }
}
