import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureImage, guestDirUnder } from './build.ts'
import type { InstalledImage } from './catalog.ts'
import { GuestUnderTest, MetadataStub } from './guest-under-test.ts'

const guestDir = guestDirUnder(join(import.meta.dirname, '..', '..'))

// Some minutes long where guests run on an emulated CPU. PILEUS_TEST_IMAGES keeps the image from run to run.
describe.runIf(process.env['PILEUS_TEST_DEBIAN'] === '1')('debian-12', () => {
  const keptDir = process.env['PILEUS_TEST_IMAGES']
  let dataDir: string
  let image: InstalledImage

  beforeAll(async () => {
    dataDir = keptDir ?? (await mkdtemp(join(tmpdir(), 'pileus-images-')))
    const startedAt = Date.now()
    image = await ensureImage('debian-12', { dataDir, guestDir })
    console.log(`debian-12: image there after ${Math.round((Date.now() - startedAt) / 1000)} s`)
  }, 900_000)

  afterAll(async () => {
    if (keptDir === undefined) await rm(dataDir, { recursive: true, force: true })
  })

  test('boots, obeys cloud-init user data and keys, runs commands and switches itself off', async () => {
    const metadata = await MetadataStub.start(
      {
        'meta-data/instance-id': 'i-debian',
        'meta-data/hostname': 'named-by-metadata',
        'meta-data/public-keys/0/openssh-key': 'ssh-ed25519 AAAA someone',
        'user-data': '#!/bin/sh\necho "user data ran on $(hostname)" > /root/user-data-ran\n',
      },
      { requireToken: false },
    )
    await using _ = metadata
    await using guest = await GuestUnderTest.start(image, { metadata, memoryMiB: 1024 })
    const agent = await guest.agent(300_000)
    console.log(`debian-12: agent answers ${Date.now() - guest.startedAt} ms after QEMU started`)
    const status = await agent.shell('timeout 280 cloud-init status --wait --long')
    console.log(`debian-12: cloud-init done ${Date.now() - guest.startedAt} ms after QEMU started`)
    expect((await agent.shell('cat /run/cloud-init/result.json')).output).toContain('DataSourceAliYun')
    expect(status.output).toContain('status: done')
    expect((await agent.shell('cat /root/user-data-ran')).output).toBe('user data ran on named-by-metadata')
    expect((await agent.shell('cat /root/.ssh/authorized_keys')).output).toContain('ssh-ed25519 AAAA someone')
    expect((await agent.shell('systemctl is-active ssh systemd-networkd')).output).toBe('active\nactive')
    expect((await agent.shell('systemctl --failed --no-legend --plain')).output).toBe('')
    expect((await agent.shell('resolvectl dns eth0')).output).toContain('100.100.100.3')
    expect((await agent.shell('wc -c < /etc/machine-id')).output).toBe('33')
    agent.tell('guest-shutdown', { mode: 'powerdown' })
    await guest.untilOff(60_000)
    agent.close()
  }, 600_000)
})
