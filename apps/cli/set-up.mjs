/**
 * What the launcher does before our programs can run: installs the npm packages, generates the contract and builds,
 * where that is due. It needs Node alone. One launcher of a checkout works at a time; one that is cut off at any
 * moment leaves nothing that hinders the next.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }

/** A step failed, or a signal asked to stop; `exitCode` is what the launcher ends with. */
export class SetUpError extends Error {
  constructor(message, exitCode) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Makes the checkout at `root` ready to run. @throws SetUpError */
export async function setUp(root) {
  if (isReady(root)) return
  const cache = join(root, '.cache')
  const release = await openCache(cache)
  try {
    // Another launcher may have done it meanwhile.
    if (isReady(root)) return
    await endOrphan(stepFile(root))
    await installPackages(root, join(cache, 'installing'))
    await build(root)
  } finally {
    release()
  }
}

/** Takes the lock in a folder that is made when missing; gives what releases it. */
async function openCache(cache) {
  try {
    mkdirSync(cache, { recursive: true })
    return await takeLock(join(cache, 'set-up.pid'))
  } catch (error) {
    const reason = `this checkout has to be set up first, and ${cache} cannot be written (${error.code ?? error.message})`
    throw new SetUpError(`${reason}. Run \`./pileus help\` once as its owner, or clone it to a folder of yours.`, 1)
  }
}

function isReady(root) {
  return isStamped(packagesStampFile(root), packagesStamp(root)) && isStamped(buildStampFile(root), buildStamp(root))
}

const packagesStampFile = (root) => join(root, 'node_modules', '.pileus-stamp')
/** Names the process of the step that runs. */
const stepFile = (root) => join(root, '.cache', 'set-up-step.pid')
const buildStampFile = (root) => join(root, 'dist', '.stamp')

async function installPackages(root, mark) {
  const stamp = packagesStamp(root)
  if (isStamped(packagesStampFile(root), stamp)) return
  // `npm ci` deletes what is there first: right for a fresh clone and for what was cut off, where packages may be
  // there by half; slow and disturbing after an update.
  const how = existsSync(join(root, 'node_modules')) && !existsSync(mark) ? 'install' : 'ci'
  writeFileSync(mark, '')
  await runStep('installing npm packages', 'npm', [how, '--no-audit', '--no-fund', '--loglevel=error'], root)
  writeFileSync(packagesStampFile(root), stamp)
  rmSync(mark)
}

async function build(root) {
  const stamp = buildStamp(root)
  const generate = ['contract/generate.mjs']
  await runStep('generating the contract from the official SDKs', process.execPath, generate, root)
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  await runStep('building', process.execPath, ['build.mjs'], root)
  writeFileSync(buildStampFile(root), stamp)
}

function packagesStamp(root) {
  return hashOf(readFileSync(join(root, 'package-lock.json')))
}

/** Names, sizes and times of all sources: a change of any asks for a build. */
function buildStamp(root) {
  const lines = [String(statSync(join(root, 'build.mjs')).mtimeMs)]
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.name === 'node_modules' || entry.name === 'generated' || entry.name.startsWith('.')) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) visit(path)
      else if (/\.(ts|mjs|json)$/.test(entry.name) && !entry.name.endsWith('.test.ts')) {
        const { size, mtimeMs } = statSync(path)
        lines.push(`${path} ${size} ${mtimeMs}`)
      }
    }
  }
  const folders = ['apps', 'contract', 'world', 'kernel', 'messages', 'gateway', 'services', 'dataplane']
  for (const folder of folders) visit(join(root, folder))
  return `${packagesStamp(root)} ${hashOf(lines.join('\n'))}`
}

function hashOf(text) {
  return createHash('sha256').update(text).digest('hex')
}

function isStamped(file, stamp) {
  return existsSync(file) && readFileSync(file, 'utf8') === stamp
}

/**
 * Runs a step that may take long, saying so; its output is shown only when it fails. A signal ends it and all it has
 * started; a second one does so at once.
 * @throws SetUpError
 */
export async function runStep(title, command, args, root) {
  process.stderr.write(`pileus: ${title} …\n`)
  const startedMs = performance.now()
  const windows = process.platform === 'win32'
  // A group of its own, so that all of it can be ended, and by us alone.
  const child = spawn(command, args, {
    cwd: root,
    shell: windows,
    detached: !windows,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (child.pid !== undefined) writeFileSync(stepFile(root), `${child.pid} ${startOf(child.pid)}`)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  let asked
  const end = (signal) => {
    try {
      process.kill(windows ? child.pid : -child.pid, asked === undefined ? 'SIGTERM' : 'SIGKILL')
    } catch (error) {
      if (error.code !== 'ESRCH') throw error
    }
    asked ??= signal
  }
  for (const signal of Object.keys(exitCodes)) process.on(signal, end)
  try {
    const status = await new Promise((done, fail) => {
      child.once('error', fail)
      child.once('close', done)
    })
    if (asked !== undefined) throw new SetUpError(`stopped while ${title}; the same command goes on`, exitCodes[asked])
    if (status !== 0) throw new Error(`it ended with ${status}`)
  } catch (error) {
    if (error instanceof SetUpError) throw error
    const advice = adviceFor(command, error, output)
    throw new SetUpError(`${output}${title} failed: ${error.message}. ${advice}`, 1)
  } finally {
    for (const signal of Object.keys(exitCodes)) process.removeListener(signal, end)
    rmSync(stepFile(root), { force: true })
  }
  process.stderr.write(`pileus: ${title}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s\n`)
}

/** Ends the step of a launcher that was killed, which would go on beside ours. */
async function endOrphan(file) {
  const [pid, started = 'gone'] = readIfThere(file)?.split(' ') ?? []
  if (pid === undefined || started === 'gone' || process.platform !== 'linux') return
  const lives = () => startOf(pid) === started
  if (lives()) process.kill(-Number(pid), 'SIGKILL')
  while (lives()) await sleep(20)
}

function adviceFor(command, error, output) {
  if (error.code === 'ENOENT') return `Install ${command}, which comes with Node, and run the same command again.`
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/.test(output)) {
    return 'The npm registry cannot be reached: this needs it once. Set a mirror with `npm config set registry <url>` where there is one, and run the same command again.'
  }
  if (/ENOSPC/.test(output)) return 'The disk is full: free some space and run the same command again.'
  if (/EACCES|EROFS|EPERM/.test(output)) return 'This checkout cannot be written to: take one that is yours.'
  return 'Mend what is said above and run the same command again.'
}

/** Waits until no other launcher works here; gives what lets the next one in. */
async function takeLock(file) {
  const own = `${process.pid} ${startOf(process.pid)}`
  let told = false
  for (;;) {
    try {
      writeFileSync(file, own, { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const holder = readIfThere(file)
    const [pid, started] = holder?.split(' ') ?? []
    if (holder === undefined) continue
    if (pid !== undefined && started !== undefined && startOf(pid) === started) {
      if (!told) process.stderr.write(`pileus: process ${pid} is setting up this checkout; waiting for it …\n`)
      told = true
      await sleep(200)
      continue
    }
    // It is written just after it is made.
    if (holder === '' && Date.now() - statSync(file, { throwIfNoEntry: false })?.mtimeMs < 1_000) {
      await sleep(50)
      continue
    }
    takeAway(file, holder)
  }
  return () => takeAway(file, own)
}

/** Removes the file if it still says `content`. */
function takeAway(file, content) {
  const aside = `${file}.${process.pid}`
  try {
    renameSync(file, aside)
    if (readIfThere(aside) !== content) renameSync(aside, file)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

/** When a process started, so that a number which is used again is not mistaken; `gone` when it does not run. */
function startOf(pid) {
  if (!/^\d+$/.test(String(pid))) return 'gone'
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name, which may hold anything, in parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? 'gone' : fields[19]
  } catch {
    if (process.platform === 'linux') return 'gone'
  }
  try {
    process.kill(Number(pid), 0)
    return 'alive'
  } catch (error) {
    return error.code === 'EPERM' ? 'alive' : 'gone'
  }
}
