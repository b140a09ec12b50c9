/** Pixels of gray and alpha that let a picture through where it has no corners, smooth at the edge. */
export function maskPixels(width: number, height: number, radius: number): Buffer {
  const mask = Buffer.alloc(width * height * 2, 255)
  const rows = Math.min(Math.ceil(radius), Math.ceil(height / 2))
  for (let y = 0; y < rows; y += 1) {
    // How far the corner reaches in, at the middle of this row.
    const rise = radius - (y + 0.5)
    const inset = radius - Math.sqrt(Math.max(0, radius * radius - rise * rise))
    const whole = Math.min(Math.floor(inset), width)
    for (const row of [y, height - 1 - y]) {
      const start = row * width * 2
      mask.fill(0, start, start + whole * 2)
      mask.fill(0, start + (width - whole) * 2, start + width * 2)
      if (whole >= width / 2) continue
      const edge = Math.round(255 * (1 - (inset - whole)))
      mask[start + whole * 2 + 1] = edge
      mask[start + (width - 1 - whole) * 2 + 1] = edge
    }
  }
  return mask
}
