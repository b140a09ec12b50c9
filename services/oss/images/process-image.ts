/** Image processing as operations use it: from an object and the words of `x-oss-process` to the bytes of the answer. */

import { ApiError } from '@pileus/kernel/errors'
import { CorruptBytesError, MissingBytesError } from '@pileus/kernel/fabric/bytes'
import { say } from '@pileus/kernel/messages/text'
import { type ObjectRequest, objectError } from '@pileus/kernel/object-protocol'
import type { StoredObject } from '../domain/stored-object.ts'
import { errors } from '../errors.ts'
import { getTarget } from '../find-target.ts'
import type { KeyContext } from '../operation.ts'
import { GetObject, refuseUnreadable } from '../operations/GetObject.ts'
import { readObject } from '../stored-bytes.ts'
import { followSymlink } from '../symlink.ts'
import { readExif } from './exif.ts'
import { getStyle } from './get-style.ts'
import { type Engine, loadEngine, type Metadata, maxSourcePixels, maxSourceSide, openEncoded } from './image-engine.ts'
import { unreadable } from './image-errors.ts'
import { createImageQueue } from './image-queue.ts'
import { findStyleName, parseImageProcess } from './parse-process.ts'
import { renderImage, type Source } from './render-image.ts'
import type { ImageProcess, OutputFormat } from './steps.ts'
import { markDrawer } from './watermark.ts'

/** Largest source, in bytes. @see docs/sources.md#oss-images */
const maxSourceBytes = 20 * 1024 * 1024

/** Images from this size on, in pixels, are worked on alone. */
const largePixels = 40_000_000

const queue = createImageQueue()

const formats: Readonly<Record<string, OutputFormat>> = {
  jpeg: 'jpg',
  png: 'png',
  webp: 'webp',
  gif: 'gif',
  tiff: 'tiff',
  heif: 'avif',
}
const contentTypes: Readonly<Record<OutputFormat, string>> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  tiff: 'image/tiff',
  avif: 'image/avif',
}

/** What is asked of an image, with the style looked up where one is named. @throws InvalidArgument, NoSuchStyle, NotImplemented */
export function readImageProcess(context: KeyContext, text: string): ImageProcess {
  const style = findStyleName(text)
  return parseImageProcess(style === undefined ? text : getStyle(context, style))
}

/**
 * Does what `process` asks with the image that `object` is.
 * @throws ImageTooLarge, InvalidArgument, ServiceUnavailable
 */
export async function processImage(
  context: KeyContext,
  request: ObjectRequest,
  object: StoredObject,
  process: ImageProcess,
): Promise<Processed> {
  checkBytes(object)
  const engine = await loadEngine()
  const work = async (source: Source): Promise<Processed> => {
    if (process.kind !== 'draw') return await averageHue(engine, source)
    const drawMark = markDrawer(engine, (key) => readMark(engine, context, request, key))
    const { data, format } = await renderImage(engine, source, process.steps, process.output, drawMark)
    return { data, contentType: contentTypes[format] }
  }
  const job = { accountId: context.bucket.accountId, signal: request.abortSignal() }
  try {
    // What waits has not been read yet, so that waiting takes no memory; how large it is shows only then.
    const first = await queue.run({ ...job, isLarge: false }, async () => {
      const bytes = await readWhole(context, object)
      const metadata = await readMetadata(engine, bytes)
      const source = sourceOf(bytes, metadata)
      if (process.kind === 'info') return describe(source, metadata)
      return source.width * source.height * source.frames >= largePixels ? source : await work(source)
    })
    return 'data' in first ? first : await queue.run({ ...job, isLarge: true }, () => work(first))
  } catch (error) {
    if (error instanceof ApiError || request.abortSignal().aborted || isOfStore(error)) throw error
    throw unreadable(error)
  }
}

interface Processed {
  data: Buffer
  contentType: string
}

/** Damaged bytes are not the image's fault. */
function isOfStore(error: unknown): boolean {
  return error instanceof CorruptBytesError || error instanceof MissingBytesError
}

function checkBytes(object: StoredObject): void {
  if (object.bytes <= maxSourceBytes) return
  throw objectError(errors.ImageTooLarge, { facts: { reason: say`${maxSourceBytes} bytes are allowed.` } })
}

async function readWhole(context: KeyContext, object: StoredObject): Promise<Buffer> {
  const bytes = await readObject(context, context.bucket.bucketId, object, { offset: 0, length: object.bytes })
  if (Buffer.isBuffer(bytes)) return bytes
  const chunks: Buffer[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Reads headers only. */
async function readMetadata(engine: Engine, bytes: Buffer): Promise<Metadata> {
  try {
    const metadata = await openEncoded(engine, bytes, false).metadata()
    if (formats[metadata.format ?? ''] === undefined) throw new Error(`format ${metadata.format}`)
    return metadata
  } catch (error) {
    throw unreadable(error)
  }
}

function sourceOf(bytes: Buffer, metadata: Metadata): Source {
  const { width = 0, height = 0, pages = 1, orientation = 1, format } = metadata
  const frames = format === 'gif' || format === 'webp' ? pages : 1
  const isTooLarge = Math.max(width, height) > maxSourceSide || width * height * frames > maxSourcePixels
  if (isTooLarge) {
    const reason = `sides of ${maxSourceSide} and ${maxSourcePixels} pixels, all frames together, are allowed.`
    throw objectError(errors.ImageTooLarge, { facts: { reason } })
  }
  return { bytes, format: formats[format ?? '']!, width, height, frames, orientation }
}

/** Size and format of the image that was just uploaded; undefined when it is none, or too large. */
export async function findImageFacts(
  context: KeyContext,
  request: ObjectRequest,
): Promise<{ width: number; height: number; format: OutputFormat } | undefined> {
  try {
    const object = await getTarget(context, { ...request, query: new Map() })
    checkBytes(object)
    const bytes = await readWhole(context, object)
    return sourceOf(bytes, await readMetadata(await loadEngine(), bytes))
  } catch (error) {
    if (error instanceof ApiError) return undefined
    throw error
  }
}

/** The image of another key of the bucket, which the caller must have a right to. */
async function readMark(engine: Engine, context: KeyContext, request: ObjectRequest, key: string): Promise<Source> {
  await context.mayAlso(GetObject, { bucket: context.bucket.name, key })
  const own = { ...context, key }
  const object = await followSymlink(own, await getTarget(own, { ...request, query: new Map() }))
  refuseUnreadable(own, object)
  checkBytes(object)
  const bytes = await readWhole(context, object)
  return sourceOf(bytes, await readMetadata(engine, bytes))
}

function describe(source: Source, metadata: Metadata): Processed {
  const exif = metadata.exif && source.format !== 'png' ? readExif(metadata.exif) : {}
  const facts: Record<string, string> = {
    ResolutionUnit: '1',
    XResolution: '1/1',
    YResolution: '1/1',
    ...exif,
    FileSize: String(source.bytes.length),
    Format: source.format,
    FrameCount: String(source.frames),
    ImageHeight: String(source.height),
    ImageWidth: String(source.width),
  }
  const sorted = Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1))
  const told = Object.fromEntries(sorted.map(([name, value]) => [name, { value }]))
  return { data: Buffer.from(JSON.stringify(told, undefined, 2)), contentType: 'application/json' }
}

async function averageHue(engine: Engine, { bytes }: Source): Promise<Processed> {
  const image = openEncoded(engine, bytes, false).flatten({ background: '#ffffff' }).toColourspace('srgb')
  const pixel = await image.resize(1, 1, { fit: 'fill' }).raw().toBuffer()
  // Gray pictures have one channel.
  const [r = 0, g = r, b = r] = pixel
  const RGB = `0x${[r, g, b].map((part) => part.toString(16).padStart(2, '0')).join('')}`
  return { data: Buffer.from(JSON.stringify({ RGB })), contentType: 'application/json' }
}
