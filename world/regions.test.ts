import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { placeLanguage } from './languages.ts'
import { findRegion, findZone, getRegion, regionName, regions, zoneName, zonesOf } from './regions.ts'

test('There are 18 regions and 49 zones, each with an id of its own', () => {
  const zones = regions.flatMap((region) => region.zones)
  expect(regions).toHaveLength(18)
  expect(zones).toHaveLength(49)
  expect(new Set(regions.map(({ id }) => id)).size).toBe(18)
  expect(new Set(zones.map(({ id }) => id)).size).toBe(49)
})

test('Thirty zones are in mainland China and nineteen elsewhere', () => {
  const mainland = regions.filter(({ countryCode }) => countryCode === 'CN')
  expect(mainland).toHaveLength(7)
  expect(mainland.flatMap(({ zones }) => zones)).toHaveLength(30)
})

test('Zone ids have a hyphen in China and Hong Kong and none elsewhere', () => {
  for (const region of regions) {
    const hyphen = region.id.startsWith('cn-') ? '-' : ''
    for (const zone of region.zones) {
      expect(zone.id).toBe(`${region.id}${hyphen}${zone.letter.toLowerCase()}`)
      expect(zone.letter).toMatch(/^[A-Z]$/)
      expect(zone.regionId).toBe(region.id)
    }
  }
  expect(zonesOf('cn-hongkong').map(({ id }) => id)).toEqual(['cn-hongkong-b', 'cn-hongkong-c'])
  expect(zonesOf('ap-southeast-5').map(({ id }) => id)).toEqual(['ap-southeast-5a'])
})

test('Every region has its names, codes, endpoints, time zone and place', () => {
  for (const region of regions) {
    for (const names of [region.city, region.names, region.names2018, ...region.zones.map((zone) => zone.names)]) {
      expect(Object.keys(names).sort()).toEqual(['en-US', 'ja', 'zh-CN', 'zh-HK'])
      for (const name of Object.values(names)) expect(name.trim()).toBe(name)
      for (const name of Object.values(names)) expect(name).not.toBe('')
    }
    expect(region.cityLocal.length).toBeGreaterThan(0)
    for (const { language, name } of region.cityLocal) {
      expect(Intl.getCanonicalLocales(language)).toEqual([language])
      expect(name).not.toBe('')
    }
    expect(region.countryCode).toMatch(/^[A-Z]{2}$/)
    expect(region.jurisdiction).toMatch(/^[A-Z]{2}$/)
    expect(region.endpoints.ecs).toBe(`ecs.${region.id}.aliyuncs.com`)
    expect(['ecs.aliyuncs.com', region.endpoints.ecs]).toContain(region.endpoints.ecs2018)
    expect(region.endpoints.oss).toBe(`oss-${region.id}.aliyuncs.com`)
    expect(region.endpoints.ossInternal).toBe(`oss-${region.id}-internal.aliyuncs.com`)
    expect(new Intl.DateTimeFormat('en', { timeZone: region.timeZone }).resolvedOptions().timeZone).not.toBe('')
    expect(Math.abs(region.coordinates.latitude)).toBeLessThan(60)
    expect(Math.abs(region.coordinates.longitude)).toBeLessThanOrEqual(180)
    expect(region.opened).toMatch(/^20\d\d(-\d\d)?$/)
  }
})

test('find answers undefined and get throws for what is not there', () => {
  expect(getRegion('me-east-1').city['en-US']).toBe('Dubai')
  expect(findRegion('eu-west-1')).toBeUndefined()
  expect(findRegion('__proto__')).toBeUndefined()
  expect(() => getRegion('eu-west-1')).toThrow('there is no region eu-west-1')
  expect(() => zonesOf('CN-HANGZHOU')).toThrow('there is no region CN-HANGZHOU')
  expect(findZone('cn-qingdao-b')?.regionId).toBe('cn-qingdao')
  expect(findZone('us-west-1a')?.letter).toBe('A')
  expect(findZone('cn-qingdao-a')).toBeUndefined()
  expect(findZone('us-west-1-a')).toBeUndefined()
})

test('Names come in the language asked for, Chinese when nothing is asked', () => {
  const hangzhou = getRegion('cn-hangzhou')
  const zone = findZone('cn-hangzhou-g')!
  expect(regionName(hangzhou)).toBe('华东1（杭州）')
  expect(regionName(hangzhou, 'en-US')).toBe('China (Hangzhou)')
  expect(regionName(hangzhou, 'ja')).toBe('中国 (杭州)')
  expect(regionName(hangzhou, 'zh-TW')).toBe('華東1（杭州）')
  expect(zoneName(zone)).toBe('杭州 可用区G')
  expect(zoneName(zone, 'en-US')).toBe('Hangzhou Zone G')
  expect(zoneName(findZone('us-west-1a')!, 'en')).toBe('Silicon Valley Zone A')
  expect(zoneName(findZone('us-west-1a')!, 'ja-JP')).toBe('シリコンバレー ゾーンA')
})

test.each([
  [undefined, 'zh-CN'],
  ['', 'zh-CN'],
  ['*', 'zh-CN'],
  ['zh', 'zh-CN'],
  ['zh-Hans-HK', 'zh-CN'],
  ['zh-Hant', 'zh-HK'],
  ['zh_TW', 'zh-HK'],
  ['EN-us', 'en-US'],
  ['de', 'en-US'],
  ['de, ja;q=0.5, en;q=0.9', 'en-US'],
  ['fr;q=1, ja; q=0.7', 'ja'],
  ['en;q=0, ja', 'ja'],
  [';;;,,q=', 'en-US'],
] as const)('AcceptLanguage %j is answered in %s', (asked, answered) => {
  expect(placeLanguage(asked)).toBe(answered)
})

test('The bundled module loads in under two milliseconds', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'pileus-world-'))
  try {
    const bundle = path.join(directory, 'regions.mjs')
    await build({
      entryPoints: [path.join(import.meta.dirname, 'regions.ts')],
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      outfile: bundle,
      logLevel: 'error',
    })
    // The best of several fresh copies: other work on the machine may slow any single one.
    const script = `
      let best = Infinity, zones = 0
      for (let copy = 0; copy < 8; copy += 1) {
        const started = performance.now()
        const { regions } = await import(${JSON.stringify(bundle)} + '?' + copy)
        best = Math.min(best, performance.now() - started)
        zones = regions.flatMap((region) => region.zones).length
      }
      console.log(JSON.stringify({ best, zones }))`
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    const { best, zones } = JSON.parse(printed) as { best: number; zones: number }
    expect(zones).toBe(49)
    expect(best).toBeLessThan(2)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
