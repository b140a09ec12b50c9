/**
 * Compares a subject with a peer in one run: measurements alternate, so that what disturbs the machine disturbs both,
 * and the ratio is that of the medians.
 */
export interface Contender {
  label: string
  /** One measurement, in the comparison's unit. */
  measure(round: number): Promise<number>
}

export interface Comparison {
  title: string
  /** Such as `requests/s` or `ms`. */
  unit: string
  subject: Contender
  peer: Contender
  /** Subject ÷ peer. */
  aim: { atLeast: number } | { atMost: number }
  rounds: number
  /** What the figures depend on: versions, what was durable, who used the cores. */
  notes: readonly string[]
}

export interface Outcome {
  subject: number
  peer: number
  ratio: number
  isReached: boolean
}

/** Runs the comparison and prints it to standard output. */
export async function compare(comparison: Comparison): Promise<Outcome> {
  const { subject, peer, rounds } = comparison
  const subjectFigures: number[] = []
  const peerFigures: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    // Whoever comes second finds a warmer machine, so they take turns at that too.
    if (round % 2 === 0) {
      subjectFigures.push(await subject.measure(round))
      peerFigures.push(await peer.measure(round))
    } else {
      peerFigures.push(await peer.measure(round))
      subjectFigures.push(await subject.measure(round))
    }
  }
  const outcome = judge(median(subjectFigures), median(peerFigures), comparison.aim)
  print(comparison, subjectFigures, peerFigures, outcome)
  return outcome
}

/** Measures something that has no peer but a limit of its own. */
export async function measureAlone(options: {
  title: string
  unit: string
  rounds: number
  measure: (round: number) => Promise<number>
  /** None when the figure is only reported. */
  atMost?: number
  notes: readonly string[]
}): Promise<number> {
  const figures: number[] = []
  for (let round = 0; round < options.rounds; round += 1) figures.push(await options.measure(round))
  const middle = median(figures)
  const { atMost } = options
  const verdict = atMost === undefined ? '' : `   aim ≤ ${atMost}: ${middle <= atMost ? 'reached' : 'MISSED'}`
  console.log(`\n${options.title}\n  median ${shown(middle)} ${options.unit}${verdict}   (${spread(figures)})`)
  for (const note of options.notes) console.log(`  · ${note}`)
  return middle
}

/**
 * Compares a subject with several peers: each round measures all of them, in an order that changes from round to
 * round. Peers without an aim are only shown.
 */
export async function compareAll(options: {
  title: string
  unit: string
  subject: Contender
  peers: readonly (Contender & { aim?: Comparison['aim'] })[]
  rounds: number
  notes: readonly string[]
}): Promise<Map<string, Outcome | undefined>> {
  const { title, unit, subject, peers, rounds, notes } = options
  const all: readonly (Contender & { aim?: Comparison['aim'] })[] = [subject, ...peers]
  const figures = new Map<Contender, number[]>(all.map((one) => [one, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < all.length; turn += 1) {
      const one = all[(round + turn) % all.length]!
      figures.get(one)!.push(await one.measure(round))
    }
  }
  console.log(`\n${title}`)
  const width = Math.max(...all.map((one) => one.label.length))
  const own = median(figures.get(subject)!)
  const outcomes = new Map<string, Outcome | undefined>()
  for (const one of all) {
    const its = figures.get(one)!
    const outcome = one.aim && judge(own, median(its), one.aim)
    if (one !== subject) outcomes.set(one.label, outcome)
    const ratio =
      one === subject ? '' : `   ratio ${shown(own / median(its))}${outcome ? verdictOf(one.aim!, outcome) : ''}`
    console.log(`  ${one.label.padEnd(width)}  ${shown(median(its)).padStart(8)} ${unit}   (${spread(its)})${ratio}`)
  }
  console.log(`  · medians of ${rounds} alternating rounds`)
  for (const note of notes) console.log(`  · ${note}`)
  return outcomes
}

function verdictOf(aim: Comparison['aim'], { isReached }: Outcome): string {
  return `   aim ${'atLeast' in aim ? `≥ ${aim.atLeast}` : `≤ ${aim.atMost}`}: ${isReached ? 'reached' : 'MISSED'}`
}

/** The middle figure, or the mean of the two in the middle. @throws Error when there is none */
export function median(figures: readonly number[]): number {
  if (figures.length === 0) throw new Error('there is no median of nothing')
  const sorted = [...figures].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

/** The ratio of two medians, held against the aim. */
export function judge(subject: number, peer: number, aim: Comparison['aim']): Outcome {
  const ratio = subject / peer
  return { subject, peer, ratio, isReached: 'atLeast' in aim ? ratio >= aim.atLeast : ratio <= aim.atMost }
}

function print(comparison: Comparison, subjects: number[], peers: number[], outcome: Outcome): void {
  const { title, unit, subject, peer, aim, rounds, notes } = comparison
  const width = Math.max(subject.label.length, peer.label.length)
  const line = (label: string, figures: number[]): string =>
    `  ${label.padEnd(width)}  ${shown(median(figures)).padStart(8)} ${unit}   (${spread(figures)})`
  const aimText = 'atLeast' in aim ? `≥ ${aim.atLeast}` : `≤ ${aim.atMost}`
  console.log(`\n${title}`)
  console.log(line(subject.label, subjects))
  console.log(line(peer.label, peers))
  console.log(`  ratio ${shown(outcome.ratio)}   aim ${aimText}: ${outcome.isReached ? 'reached' : 'MISSED'}`)
  console.log(`  · medians of ${rounds} alternating rounds`)
  for (const note of notes) console.log(`  · ${note}`)
}

function spread(figures: readonly number[]): string {
  return `${shown(Math.min(...figures))} to ${shown(Math.max(...figures))}`
}

/** Three significant digits. */
function shown(figure: number): string {
  return Math.abs(figure) >= 1_000 ? String(Math.round(figure)) : String(Number(figure.toPrecision(3)))
}
