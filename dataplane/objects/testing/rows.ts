import { type ListLive, type Move, volumeOf } from '@pileus/kernel/fabric/bytes'

/** The rows of a caller of the byte store: names and their locations. They outlive every crash. */
export class Rows {
  readonly locations = new Map<string, string>()

  get(name: string): string {
    const location = this.locations.get(name)
    if (location === undefined) throw new Error(`no row ${name}`)
    return location
  }

  readonly listLive: ListLive = async (volumes) => {
    const wanted = new Set(volumes)
    return [...new Set([...this.locations.values()].filter((location) => wanted.has(volumeOf(location))))]
  }

  readonly move = async (moves: readonly Move[]): Promise<void> => {
    const to = new Map(moves.map((move) => [move.from, move.to]))
    for (const [name, location] of this.locations) this.locations.set(name, to.get(location) ?? location)
  }
}
