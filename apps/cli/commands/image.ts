import { mkdirSync } from 'node:fs'
import { buildImage as build, ensureImage, guestDirUnder } from '@pileus/dataplane/images/build'
import { type ImageName, listImages as listInstalled } from '@pileus/dataplane/images/catalog'
import { CliError } from '../cli-error.ts'
import { exitCodeOf, listenForInterruption } from '../interruption.ts'
import { dataDirOf, ensureDataDir, installDir } from '../paths.ts'
import { createProgress } from '../progress.ts'

/** Builds one image, showing progress; Ctrl-C leaves nothing behind. */
export async function buildImage(name: ImageName, options: { data?: string; force?: boolean }): Promise<void> {
  const dataDir = dataDirOf(options)
  ensureDataDir(dataDir)
  mkdirSync(dataDir, { recursive: true })
  const { signal, forced } = listenForInterruption()
  forced.addEventListener('abort', () => process.exit(exitCodeOf(signal.reason)))
  const progress = createProgress(false)
  const make = options.force ? build : ensureImage
  try {
    const image = await make(name, {
      dataDir,
      guestDir: guestDirUnder(installDir()),
      signal,
      onProgress: ({ step }) => progress.step(`${name}: ${step}`),
    })
    progress.done()
    process.stdout.write(`${image.id}\n`)
  } catch (error) {
    progress.done()
    signal.throwIfAborted()
    throw new CliError((error as Error).message)
  }
}

export async function listImages(options: { data?: string; json?: boolean }): Promise<void> {
  const images = await listInstalled(dataDirOf(options))
  if (options.json) {
    process.stdout.write(`${JSON.stringify(images)}\n`)
    return
  }
  if (images.length === 0) process.stdout.write('there are no images; build one with ./pileus image build micro\n')
  for (const { id, family, osName, createdAt } of images)
    process.stdout.write(`${id}  ${family}  ${osName}  ${createdAt}\n`)
}
