/**
 * Builds images on this machine. A build works in `<dataDir>/images/.building-<id>` and appears, complete and on
 * stable storage, by renames. One build of an image runs at a time; whoever waited for another's build gets its result.
 */
import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { effect } from '@pileus/kernel/effects'
import { debianRecipe } from './build-debian.ts'
import { microRecipe } from './build-micro.ts'
import { findImage, type ImageName, type ImageRecord, type InstalledImage, imagesDirOf } from './catalog.ts'
import { acquireFileLock } from './lock.ts'
import { assertToolsInstalled, type Tool } from './tool.ts'

/** What a build tells while it works. */
export interface BuildProgress {
  image: ImageName
  step: string
  /** Done so far, 0 to 1, where the builder can tell. */
  fraction?: number
}

export interface BuildOptions {
  dataDir: string
  /** The folder `dataplane/images/guest` of the source tree: see `guestDirUnder`. */
  guestDir: string
  onProgress?: (progress: BuildProgress) => void
  /** Stops the build and removes what it made. */
  signal?: AbortSignal
}

/** What a recipe is given: a folder of its own to fill, and the cache for downloads that outlives it. */
export interface Workshop {
  /** Absolute; the files that make the image go to `outDir`, anything else to `scratchDir`. */
  outDir: string
  scratchDir: string
  cacheDir: string
  guestDir: string
  signal: AbortSignal | undefined
  progress(step: string, fraction?: number): void
}

/** How one image is made. */
export interface Recipe {
  /** The fixed part of `image.json`; paths are names of files in `outDir`. */
  facts: Omit<ImageRecord, 'createdAt' | 'recipe'>
  /** Folder in `guestDir` whose files go into the image. */
  guestFolder: string
  /** Changes when the builder's own code makes a different image. */
  revision: number
  /** Programs it runs, besides those every image needs. */
  tools: readonly Tool[]
  make(workshop: Workshop): Promise<void>
}

const recipes: Record<ImageName, Recipe> = { micro: microRecipe, 'debian-12': debianRecipe }

/** Where the files that go into guests are, in the source tree with this root. */
export function guestDirUnder(repositoryRoot: string): string {
  return join(repositoryRoot, 'dataplane', 'images', 'guest')
}

/** Gives the image, building it if it is absent or was made by an older recipe. */
export async function ensureImage(name: ImageName, options: BuildOptions): Promise<InstalledImage> {
  const existing = await findImage(options.dataDir, name)
  if (existing && existing.recipe === (await recipeHash(recipes[name], options.guestDir))) return existing
  return buildImage(name, options)
}

/**
 * Builds the image anew. Machines made from an earlier build keep it.
 * @throws MissingToolError naming the Debian package that is needed.
 */
export async function buildImage(name: ImageName, options: BuildOptions): Promise<InstalledImage> {
  const { dataDir, guestDir, onProgress, signal } = options
  const recipe = recipes[name]
  const imagesDir = imagesDirOf(dataDir)
  const askedAt = new Date().toISOString()
  const progress = (step: string, fraction?: number) =>
    onProgress?.({ image: name, step, ...(fraction === undefined ? {} : { fraction }) })

  signal?.throwIfAborted()
  const forOwners: Tool[] = process.getuid?.() === 0 ? [] : ['fakeroot']
  await assertToolsInstalled(['apt-get', 'dpkg-deb', 'mke2fs', 'qemu-img', ...forOwners, ...recipe.tools])
  await effect('make images folder', () => mkdir(imagesDir, { recursive: true }))
  progress('waiting for other builds of this image')
  const lock = await acquireFileLock(join(imagesDir, `.lock-${recipe.facts.id}`), signal)
  try {
    const builtMeanwhile = await findImage(dataDir, recipe.facts.id)
    if (builtMeanwhile && builtMeanwhile.createdAt >= askedAt) return builtMeanwhile

    const building = join(imagesDir, `.building-${recipe.facts.id}`)
    const workshop: Workshop = {
      outDir: join(building, 'out'),
      scratchDir: join(building, 'scratch'),
      cacheDir: join(imagesDir, '.cache'),
      guestDir,
      signal,
      progress,
    }
    // A build that was killed may have left its folder.
    await effect('remove old build folder', () => rm(building, { recursive: true, force: true }))
    try {
      await effect('make build folder', async () => {
        for (const folder of [workshop.outDir, workshop.scratchDir, workshop.cacheDir]) {
          await mkdir(folder, { recursive: true })
        }
      })
      const hash = await recipeHash(recipe, guestDir)
      await recipe.make(workshop)
      signal?.throwIfAborted()
      progress('writing to disk')
      await publish(imagesDir, recipe, hash, workshop.outDir)
    } finally {
      await effect('remove build folder', () => rm(building, { recursive: true, force: true }))
    }
    const built = await findImage(dataDir, recipe.facts.id)
    if (!built) throw new Error(`image ${recipe.facts.id} vanished after it was built`)
    progress('done', 1)
    return built
  } finally {
    await lock.release()
  }
}

/** Moves the finished files to where readers find them; `image.json` comes last and names them. */
async function publish(imagesDir: string, recipe: Recipe, hash: string, outDir: string): Promise<void> {
  const { facts } = recipe
  const createdAt = new Date().toISOString()
  const build = createdAt.replace(/[^0-9TZ]/g, '')
  const imageDir = join(imagesDir, facts.id)
  const record: ImageRecord = {
    ...facts,
    kernel: join(build, facts.kernel),
    initrd: join(build, facts.initrd),
    disk: join(build, facts.disk),
    createdAt,
    recipe: hash,
  }
  for (const file of await readdir(outDir)) await syncPath(join(outDir, file))
  await syncPath(outDir)
  await effect(`publish image ${facts.id}`, async () => {
    await mkdir(imageDir, { recursive: true })
    await rename(outDir, join(imageDir, build))
    await syncPath(imageDir)
    const temporary = join(imageDir, '.image.json')
    await writeFile(temporary, `${JSON.stringify(record, null, 2)}\n`)
    await syncPath(temporary)
    await rename(temporary, join(imageDir, 'image.json'))
    await syncPath(imageDir)
    await syncPath(imagesDir)
  })
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function recipeHash(recipe: Recipe, guestDir: string): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([recipe.facts, recipe.revision]))
  const root = join(guestDir, recipe.guestFolder)
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  for (const file of files.sort()) hash.update(`\0${file.slice(root.length)}\0`).update(await readFile(file))
  return hash.digest('hex').slice(0, 16)
}
