/** Says on standard error what is being done and how long it took; on a terminal, the current line moves. */
export interface Progress {
  step(text: string): void
  done(): void
}

export function createProgress(quiet: boolean): Progress {
  const moves = process.stderr.isTTY && !quiet && process.env['TERM'] !== 'dumb'
  let current: { text: string; sinceMs: number } | undefined
  let timer: NodeJS.Timeout | undefined
  const seconds = (): string => ((performance.now() - (current?.sinceMs ?? 0)) / 1000).toFixed(1)
  const draw = (): void => {
    if (current) process.stderr.write(`\r\x1b[K  ${shortened(current.text)} … ${seconds()} s`)
  }
  /** A line that wraps could not be drawn over. */
  const shortened = (text: string): string => text.slice(0, Math.max(8, (process.stderr.columns || 80) - 14))
  const finish = (): void => {
    clearInterval(timer)
    if (moves && current) process.stderr.write(`\r\x1b[K  ${current.text}: ${seconds()} s\n`)
    current = undefined
  }
  return {
    step(text) {
      if (current?.text === text) return
      finish()
      current = { text, sinceMs: performance.now() }
      if (!moves) {
        process.stderr.write(`pileus: ${text} …\n`)
        return
      }
      draw()
      timer = setInterval(draw, 200)
      timer.unref()
    },
    done: finish,
  }
}
