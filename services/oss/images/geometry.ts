/** Sizes and places of what is drawn; pure. */
import type { Gravity, ResizeStep } from './steps.ts'

export interface Size {
  width: number
  height: number
}

export interface Rectangle extends Size {
  left: number
  top: number
}

/** How a picture is scaled, then cut or put on a canvas; undefined when it stays as it is. */
export interface ResizePlan {
  scaled: Size
  /** What is cut out of the scaled picture. */
  cut: Rectangle | undefined
  /** What the scaled picture is put in the middle of. */
  canvas: Size | undefined
}

/** `picture` is what a watermark is put on, for sizes that are shares of it. */
export function planResize(step: ResizeStep, source: Size, picture: Size = source): ResizePlan | undefined {
  const plan = plannedOf(step, source, picture)
  const target = plan.canvas ?? plan.cut ?? plan.scaled
  const isLarger = target.width > source.width || target.height > source.height
  const isByShare = step.width === undefined && step.height === undefined && step.percent !== undefined
  if (isLarger && !step.mayEnlarge && !isByShare && step.percentOfPicture === undefined) return undefined
  return plan
}

function plannedOf(step: ResizeStep, source: Size, picture: Size): ResizePlan {
  const { mode, width, height, longSide, shortSide, percent, percentOfPicture } = step
  const scaledBy = (factor: number): ResizePlan => ({
    scaled: times(source, factor),
    cut: undefined,
    canvas: undefined,
  })
  if (percentOfPicture !== undefined) {
    const share = percentOfPicture / 100
    return scaledBy(Math.min((picture.width * share) / source.width, (picture.height * share) / source.height))
  }
  if (width === undefined && height === undefined) {
    if (longSide !== undefined) return scaledBy(longSide / Math.max(source.width, source.height))
    if (shortSide !== undefined) return scaledBy(shortSide / Math.min(source.width, source.height))
    return scaledBy((percent ?? 100) / 100)
  }
  const keepsRatio = mode === 'lfit' || mode === 'mfit'
  if (keepsRatio && width === undefined) return scaledBy(height! / source.height)
  if (keepsRatio && height === undefined) return scaledBy(width! / source.width)
  // With one side given, modes of a fixed size take it for both.
  const box = { width: width ?? height!, height: height ?? width! }
  const inside = Math.min(box.width / source.width, box.height / source.height)
  const outside = Math.max(box.width / source.width, box.height / source.height)
  switch (mode) {
    case 'lfit':
      return scaledBy(inside)
    case 'mfit':
      return scaledBy(outside)
    case 'fixed':
      return { scaled: box, cut: undefined, canvas: undefined }
    case 'pad':
      return { scaled: atMost(times(source, inside), box), cut: undefined, canvas: box }
    case 'fill': {
      const { width: w, height: h } = times(source, outside)
      const scaled = { width: Math.max(w, box.width), height: Math.max(h, box.height) }
      const left = Math.floor((scaled.width - box.width) / 2)
      const top = Math.floor((scaled.height - box.height) / 2)
      return { scaled, cut: { left, top, ...box }, canvas: undefined }
    }
  }
}

function times({ width, height }: Size, factor: number): Size {
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) }
}

function atMost(size: Size, box: Size): Size {
  return { width: Math.min(size.width, box.width), height: Math.min(size.height, box.height) }
}

/** Top left corner of `inner` within `outer`; may be outside of it. */
export function placeByGravity(gravity: Gravity, outer: Size, inner: Size, shift: { x: number; y: number }) {
  const column = ['nw', 'west', 'sw'].includes(gravity) ? 0 : ['ne', 'east', 'se'].includes(gravity) ? 2 : 1
  const row = gravity.startsWith('n') ? 0 : gravity.startsWith('s') ? 2 : 1
  const along = (place: number, room: number, by: number): number =>
    place === 0 ? by : place === 2 ? room - by : Math.floor(room / 2)
  return {
    left: along(column, outer.width - inner.width, shift.x),
    top: along(row, outer.height - inner.height, shift.y),
    row,
    column,
  }
}

/** The part of `inner` that lies within `outer`; undefined when nothing does. */
export function overlap(inner: Rectangle, outer: Size): Rectangle | undefined {
  const left = Math.max(0, inner.left)
  const top = Math.max(0, inner.top)
  const width = Math.min(outer.width, inner.left + inner.width) - left
  const height = Math.min(outer.height, inner.top + inner.height) - top
  return width > 0 && height > 0 ? { left, top, width, height } : undefined
}
