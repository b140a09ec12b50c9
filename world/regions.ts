/**
 * The 18 regions and 49 zones of September 2018.
 *
 * The set of regions and the total of zones are published figures; how the 49 spread over the regions is reconstructed
 * from later tables. Which of these regions an installation serves is its own configuration: here are only facts.
 */
import records from './data/regions.json' with { type: 'json' }
import { type PlaceNames, placeLanguage } from './languages.ts'

/** An availability zone. Letters are never reused, so a region may begin at B. */
export interface Zone {
  /** As customers see it: `cn-hangzhou-b` in China, Hong Kong included, and `eu-central-1a` elsewhere. */
  readonly id: string
  readonly regionId: string
  /** One capital letter. */
  readonly letter: string
  readonly names: PlaceNames
}

/** A region. The id never changes; names do, so there are those of today and those of 2018. */
export interface Region {
  readonly id: string
  /** Whose law applies: an ISO 3166-1 alpha-2 code, with Hong Kong on its own. */
  readonly jurisdiction: string
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string
  readonly city: PlaceNames
  /** The city's name in the languages spoken there, by BCP 47 tag. */
  readonly cityLocal: readonly { readonly language: string; readonly name: string }[]
  readonly names: PlaceNames
  readonly names2018: PlaceNames
  readonly zones: readonly Zone[]
  /** Host names; `ecs2018` is the central one for the older regions. */
  readonly endpoints: {
    readonly ecs: string
    readonly ecs2018: string
    readonly oss: string
    readonly ossInternal: string
  }
  /** IANA name. */
  readonly timeZone: string
  /** Degrees, north and east positive. */
  readonly coordinates: { readonly latitude: number; readonly longitude: number }
  /** `YYYY` or `YYYY-MM`, good to the quarter abroad and to the year in mainland China. */
  readonly opened: string
}

type RegionRecord = (typeof records)[number]

function zoneOf(record: RegionRecord, letter: string): Zone {
  const upper = letter.toUpperCase()
  return {
    id: record.id.startsWith('cn-') ? `${record.id}-${letter}` : `${record.id}${letter}`,
    regionId: record.id,
    letter: upper,
    names: {
      'zh-CN': `${record.city['zh-CN']} 可用区${upper}`,
      'en-US': `${record.city['en-US']} Zone ${upper}`,
      ja: `${record.city.ja} ゾーン${upper}`,
      'zh-HK': `${record.city['zh-HK']} 可用區${upper}`,
    },
  }
}

function regionOf(record: RegionRecord): Region {
  return {
    id: record.id,
    jurisdiction: record.jurisdiction,
    countryCode: record.countryCode,
    city: record.city,
    cityLocal: record.cityLocal,
    names: record.name,
    names2018: record.name2018,
    zones: [...record.zones].map((letter) => zoneOf(record, letter)),
    endpoints: record.endpoints,
    timeZone: record.timeZone,
    coordinates: { latitude: record.latitude, longitude: record.longitude },
    opened: record.opened,
  }
}

/** All regions, in the order in which the vendor lists them. */
export const regions: readonly Region[] = records.map(regionOf)

const regionById = new Map(regions.map((region) => [region.id, region]))
const zoneById = new Map(regions.flatMap((region) => region.zones.map((zone) => [zone.id, zone] as const)))

/** The region with this id, or undefined where there is none. */
export function findRegion(id: string): Region | undefined {
  return regionById.get(id)
}

/** The region with this id. @throws Error where there is none; ids from a request go through `findRegion`. */
export function getRegion(id: string): Region {
  const region = regionById.get(id)
  if (region === undefined) throw new Error(`there is no region ${id}`)
  return region
}

/** The zones of a region, by letter. @throws Error where there is no such region. */
export function zonesOf(regionId: string): readonly Zone[] {
  return getRegion(regionId).zones
}

/** The zone with this id, or undefined where there is none. */
export function findZone(zoneId: string): Zone | undefined {
  return zoneById.get(zoneId)
}

/** What a customer calls the region, in the best language for an `AcceptLanguage` value. */
export function regionName(region: Region, acceptLanguage?: string): string {
  return region.names[placeLanguage(acceptLanguage)]
}

/** What a customer calls the zone, in the best language for an `AcceptLanguage` value. */
export function zoneName(zone: Zone, acceptLanguage?: string): string {
  return zone.names[placeLanguage(acceptLanguage)]
}
