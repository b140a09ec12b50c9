/**
 * Draws an image step by step. The library does its own steps in an order of its own, so a picture is drawn to pixels
 * between two steps; a single step, which is the usual case, streams from the encoded source to the encoded result.
 */
import { say } from '@pileus/kernel/messages/text'
import { invalid } from '../domain/headers.ts'
import { maskPixels } from './corners.ts'
import { overlap, placeByGravity, planResize, type Size } from './geometry.ts'
import { type Engine, openEncoded, openPixels, type Sharp } from './image-engine.ts'
import { tooManyPixels, tooSlow } from './image-errors.ts'
import { estimateJpegQuality } from './jpeg-quality.ts'
import type { CropStep, ImageOutput, ImageStep, OutputFormat, ResizeStep, WatermarkStep } from './steps.ts'

/** Most pixels that are drawn at once, in between or as the result. */
export const maxDrawnPixels = 64 * 1024 * 1024
/** Most pixels that a picture may be resized to, and its longest side. */
const maxResizedPixels = 16_777_216
const maxResizedSide = 16_384
const defaultQuality = 80
/** Longest time for all steps together; each has a limit of its own too. */
const maxDrawingMs = 20_000

export interface Source {
  bytes: Buffer
  format: OutputFormat
  width: number
  height: number
  frames: number
  /** As EXIF has it: 1 to 8. */
  orientation: number
}

/** A picture on its way. */
export interface Picture extends Size {
  image: Sharp
  /** A step has been put on `image` that is not drawn yet. */
  isPending: boolean
  orientation: number
}

/** Draws a watermark; given by whoever may read its image. */
export type DrawMark = (step: WatermarkStep, picture: Size) => Promise<Mark | undefined>
export interface Mark extends Size {
  /** Four channels of 8 bits. */
  data: Buffer
}

export async function renderImage(
  engine: Engine,
  source: Source,
  steps: readonly ImageStep[],
  output: ImageOutput,
  drawMark: DrawMark,
): Promise<{ data: Buffer; format: OutputFormat }> {
  const format = output.format ?? source.format
  const isAnimated = source.frames > 1 && (format === 'gif' || format === 'webp') && steps.every(keepsFrames)
  let picture = openSource(engine, source, isAnimated)
  const deadlineMs = performance.now() + maxDrawingMs
  for (const step of steps) {
    if (performance.now() > deadlineMs) throw tooSlow()
    picture = await applyStep(engine, picture, step, drawMark)
  }
  if (picture.width * picture.height * (isAnimated ? source.frames : 1) > maxDrawnPixels)
    throw tooManyPixels(maxDrawnPixels)
  const image =
    picture.orientation > 1 ? picture.image.withMetadata({ orientation: picture.orientation }) : picture.image
  return { data: await encode(image, format, output, source).toBuffer(), format }
}

export function openSource(engine: Engine, source: Source, isAnimated: boolean): Picture {
  const { width, height, orientation } = source
  return { image: openEncoded(engine, source.bytes, isAnimated), isPending: false, width, height, orientation }
}

/** Animations stay so only where each frame can be treated alike. */
function keepsFrames(step: ImageStep, index: number): boolean {
  return step.kind === 'resize' && index === 0 && step.percent === undefined && step.mode !== 'pad'
}

export async function applyStep(
  engine: Engine,
  before: Picture,
  step: ImageStep,
  drawMark: DrawMark,
  /** What a watermark is put on, when the picture is one. */
  under?: Size,
): Promise<Picture> {
  const picture = before.isPending ? await draw(engine, before) : before
  const { image } = picture
  switch (step.kind) {
    case 'resize':
      return resize(picture, step, under)
    case 'crop':
      return crop(picture, step)
    case 'indexcrop': {
      const along = step.axis === 'x' ? picture.width : picture.height
      const start = step.index * step.size
      // What lies beyond the last slice is the whole picture.
      if (start >= along) return picture
      const size = Math.min(step.size, along - start)
      const slice = step.axis === 'x' ? { left: start, width: size } : { top: start, height: size }
      return extract(picture, { left: 0, top: 0, width: picture.width, height: picture.height, ...slice })
    }
    case 'rotate': {
      if (step.degrees % 360 === 0) return picture
      const room = step.degrees % 180 === 0 ? 1 : 2
      if (picture.width * picture.height * room > maxDrawnPixels) throw tooManyPixels(maxDrawnPixels)
      return draw(engine, { ...picture, image: image.rotate(step.degrees, { background: '#ffffff' }) })
    }
    case 'auto-orient':
      if (!step.isOn || picture.orientation === 1) return picture
      return draw(engine, { ...picture, image: turnUpright(image, picture.orientation), orientation: 1 })
    case 'circle': {
      const radius = Math.min(step.radius, Math.floor(Math.min(picture.width, picture.height) / 2))
      const side = Math.max(1, radius * 2)
      const left = Math.floor((picture.width - side) / 2)
      const top = Math.floor((picture.height - side) / 2)
      const square = await draw(engine, extract(picture, { left, top, width: side, height: side }))
      return cutCorners(engine, square, side / 2)
    }
    case 'rounded-corners':
      return cutCorners(engine, picture, Math.min(step.radius, Math.min(picture.width, picture.height) / 2))
    case 'blur':
      return { ...picture, isPending: true, image: image.blur(spreadOf(step.radius, step.sigma)) }
    case 'sharpen':
      return { ...picture, isPending: true, image: image.sharpen({ sigma: 1, m1: 1, m2: step.amount / 50 }) }
    case 'bright':
      return { ...picture, isPending: true, image: image.linear(1, step.amount * 1.28) }
    case 'contrast': {
      const factor = step.amount < 0 ? 1 + step.amount / 100 : 1 + step.amount / 50
      return { ...picture, isPending: true, image: image.linear(factor, 128 * (1 - factor)) }
    }
    case 'watermark':
      return putMark(engine, picture, step, drawMark)
  }
}

/** Makes pixels of what is pending. */
export async function draw(engine: Engine, picture: Picture): Promise<Picture> {
  if (picture.width * picture.height > maxDrawnPixels) throw tooManyPixels(maxDrawnPixels)
  const drawn = await picture.image.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  const { width, height } = drawn.info
  return { ...picture, image: openPixels(engine, drawn), isPending: false, width, height }
}

function resize(picture: Picture, step: ResizeStep, under: Size | undefined): Picture {
  const plan = planResize(step, picture, under)
  if (!plan) return picture
  const target = plan.canvas ?? plan.cut ?? plan.scaled
  for (const size of [plan.scaled, target]) {
    if (Math.max(size.width, size.height) <= maxResizedSide && size.width * size.height <= maxResizedPixels) continue
    throw invalid(
      'x-oss-process',
      `${size.width}x${size.height}`,
      say`An image may be resized to ${maxResizedPixels} pixels.`,
    )
  }
  let image = picture.image.resize(plan.scaled.width, plan.scaled.height, { fit: 'fill' })
  if (plan.cut) image = image.extract(plan.cut)
  if (plan.canvas) {
    const { width, height } = plan.canvas
    const left = Math.floor((width - plan.scaled.width) / 2)
    const top = Math.floor((height - plan.scaled.height) / 2)
    const right = width - plan.scaled.width - left
    const bottom = height - plan.scaled.height - top
    image = image.extend({ left, top, right, bottom, background: step.color })
  }
  return { ...picture, image, isPending: true, width: target.width, height: target.height }
}

function crop(picture: Picture, step: CropStep): Picture {
  const size = {
    width: Math.min(step.width ?? picture.width, picture.width),
    height: Math.min(step.height ?? picture.height, picture.height),
  }
  const { left, top } = cropPlace(picture, size, step)
  const part = overlap({ left, top, ...size }, picture)
  if (!part) {
    throw invalid('x-oss-process', `x_${step.x},y_${step.y}`, say`The image action crop begins outside of the image.`)
  }
  return extract(picture, part)
}

/** A crop is shifted right and down from one of nine points. */
function cropPlace(picture: Picture, size: Size, step: CropStep): { left: number; top: number } {
  const { row, column } = placeByGravity(step.gravity, picture, size, { x: 0, y: 0 })
  const from = (place: number, whole: number, part: number): number =>
    place === 0 ? 0 : place === 1 ? Math.floor((whole - part) / 2) : whole - part
  return {
    left: from(column, picture.width, size.width) + step.x,
    top: from(row, picture.height, size.height) + step.y,
  }
}

function extract(picture: Picture, part: { left: number; top: number; width: number; height: number }): Picture {
  return { ...picture, image: picture.image.extract(part), isPending: true, width: part.width, height: part.height }
}

async function cutCorners(engine: Engine, picture: Picture, radius: number): Promise<Picture> {
  const { width, height } = picture
  if (width * height > maxDrawnPixels) throw tooManyPixels(maxDrawnPixels)
  const mask = {
    input: maskPixels(width, height, radius),
    raw: { width, height, channels: 2 },
    blend: 'dest-in',
  } as const
  return draw(engine, { ...picture, image: picture.image.ensureAlpha().composite([mask]) })
}

async function putMark(engine: Engine, picture: Picture, step: WatermarkStep, drawMark: DrawMark): Promise<Picture> {
  const mark = await drawMark(step, picture)
  if (!mark) return picture
  const raw = { width: mark.width, height: mark.height, channels: 4 } as const
  const { left, top, row, column } = placeByGravity(step.gravity, picture, mark, { x: step.x, y: step.y })
  const place = {
    left: column === 1 ? left : Math.round(left),
    top: row === 1 ? top + step.voffset : top,
    width: mark.width,
    height: mark.height,
  }
  const part = step.fills ? overlap({ ...mark, left: 0, top: 0 }, picture) : overlap(place, picture)
  if (!part) return picture
  const { width, height } = part
  const from = step.fills ? { left: 0, top: 0 } : { left: part.left - place.left, top: part.top - place.top }
  const visible = await engine(mark.data, { raw })
    .extract({ ...from, width, height })
    .raw()
    .toBuffer()
  const where = step.fills ? { tile: true, gravity: 'northwest' } : { left: part.left, top: part.top }
  const layer = { input: visible, raw: { width, height, channels: 4 as const }, ...where }
  return draw(engine, { ...picture, image: picture.image.composite([layer]) })
}

/** Spread of a bell curve that is cut off `radius` pixels from its middle. */
function spreadOf(radius: number, sigma: number): number {
  let weights = 0
  let squares = 0
  for (let k = -radius; k <= radius; k += 1) {
    const weight = Math.exp(-(k * k) / (2 * sigma * sigma))
    weights += weight
    squares += k * k * weight
  }
  return Math.max(0.3, Math.sqrt(squares / weights))
}

/** Undoes what EXIF's orientation says was done. */
function turnUpright(image: Sharp, orientation: number): Sharp {
  switch (orientation) {
    case 2:
      return image.flop()
    case 3:
      return image.rotate(180)
    case 4:
      return image.flip()
    case 5:
      return image.flip().rotate(90)
    case 6:
      return image.rotate(90)
    case 7:
      return image.flop().rotate(90)
    default:
      return image.rotate(270)
  }
}

function encode(image: Sharp, format: OutputFormat, output: ImageOutput, source: Source): Sharp {
  const quality = qualityOf(output, source)
  switch (format) {
    case 'jpg':
      return image.flatten({ background: '#ffffff' }).jpeg({ quality, progressive: output.isInterlaced })
    case 'png':
      return image.png({ compressionLevel: 6 })
    case 'webp':
      return image.webp({ quality })
    case 'gif':
      return image.gif()
    case 'tiff':
      return image.tiff({ compression: 'lzw' })
    case 'avif':
      // Slower settings save little and take many times as long.
      return image.avif({ quality, effort: 2 })
  }
}

function qualityOf({ quality }: ImageOutput, source: Source): number {
  const own = source.format === 'jpg' ? (estimateJpegQuality(source.bytes) ?? defaultQuality) : undefined
  if (!quality) return own ?? defaultQuality
  if (quality.kind === 'relative') return Math.max(1, Math.round((quality.percent / 100) * (own ?? 100)))
  // Writing it better than it was only makes it larger.
  return Math.min(quality.percent, own ?? 100)
}
