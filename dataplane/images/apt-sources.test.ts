import { expect, test } from 'vitest'
import { debianSourceLines, parseDeb822Sources, parseOneLineSources } from './apt-sources.ts'

test('a mirror and its trust are taken from one-line sources, other repositories are not', () => {
  const sources = parseOneLineSources(`
# deb http://commented.example/debian bookworm main
deb [arch=amd64 trusted=yes] http://mirror.example/debian bookworm main contrib
deb http://mirror.example/security bookworm-security main # as it comes
deb-src http://mirror.example/debian bookworm main
deb http://tools.example/apt tools-bookworm main
deb http://vendor.example/debian bookworm stable
`)
  expect(debianSourceLines(sources, 'bookworm', 'bookworm')).toEqual([
    'deb [trusted=yes] http://mirror.example/debian bookworm main',
    'deb http://mirror.example/security bookworm-security main',
  ])
})

test('deb822 sources are understood, and another release of Debian is replaced by the wanted one', () => {
  const sources = parseDeb822Sources(`Types: deb deb-src
# a comment inside
URIs: http://mirror.example/debian
Suites: trixie trixie-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://disabled.example/debian
Suites: trixie
Components: main
Enabled: no
`)
  const signed = '[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
  expect(debianSourceLines(sources, 'bookworm', 'trixie')).toEqual([
    `deb ${signed} http://mirror.example/debian bookworm main`,
    `deb ${signed} http://mirror.example/debian bookworm-updates main`,
  ])
})

test('sources without Debian give no lines', () => {
  const sources = parseOneLineSources('deb http://archive.example/ubuntu jammy main universe')
  expect(debianSourceLines(sources, 'bookworm', 'bookworm')).toEqual([])
})
