import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildImage, ensureImage, guestDirUnder } from './build.ts'
import { findImage, type InstalledImage, listImages } from './catalog.ts'
import { GuestUnderTest, MetadataStub, makeOverlay, usedMiB } from './guest-under-test.ts'

const guestDir = guestDirUnder(join(import.meta.dirname, '..', '..'))
const ready = /pileus-micro: ready in ([\d.]+)s.*\r?\n/

let dataDir: string
let image: InstalledImage

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pileus-images-'))
  image = await buildImage('micro', { dataDir, guestDir })
}, 180_000)

afterAll(async () => {
  await rm(dataDir, { recursive: true, force: true })
})

function metadataOf(instanceId: string, userData: string) {
  return MetadataStub.start({
    'meta-data/instance-id': instanceId,
    'meta-data/hostname': `host-of-${instanceId}`,
    'meta-data/public-keys/': '0=login\n',
    'meta-data/public-keys/0/openssh-key': 'ssh-ed25519 AAAA someone',
    'user-data': userData,
  })
}

describe('micro', () => {
  test('is listed by id and by family, and takes little room', async () => {
    expect((await listImages(dataDir)).map(({ id }) => id)).toEqual(['pileus_micro_x64.qcow2'])
    expect((await findImage(dataDir, 'micro'))?.id).toBe('pileus_micro_x64.qcow2')
    expect(await findImage(dataDir, 'absent')).toBeUndefined()
    expect(await usedMiB(image.diskPath)).toBeLessThan(40)
  })

  test('is up, takes its name and keys from metadata, runs commands and switches itself off', async () => {
    await using metadata = await metadataOf('i-one', '#!/bin/bash\necho user data of $(hostname)\n')
    await using guest = await GuestUnderTest.start(image, { metadata })
    await guest.untilConsoleShows(ready)
    const readyMs = Date.now() - guest.startedAt
    console.log(`micro: ready line ${readyMs} ms after QEMU started`)
    await guest.untilConsoleShows(/user data of host-of-i-one/)

    const agent = await guest.agent()
    expect((await agent.shell('uname -sm; hostname')).output).toBe('Linux x86_64\nhost-of-i-one')
    expect((await agent.shell('cat /root/.ssh/authorized_keys')).output).toBe('ssh-ed25519 AAAA someone')
    expect((await agent.shell('cat /var/log/user-data.log')).output).toBe('user data of host-of-i-one')
    expect((await agent.shell('cat /etc/resolv.conf')).output).toContain('nameserver 100.100.100.3')
    expect((await agent.shell('ip route')).output).toContain('default via 100.100.100.2 dev eth0')
    expect((await agent.shell('exit 7')).exitCode).toBe(7)
    expect((await agent.shell('ping -c 1 -W 5 100.100.100.2')).exitCode).toBe(0)
    expect(
      (await agent.shell('for tool in wget nc httpd ip dd sha256sum; do which $tool || exit 1; done')).exitCode,
    ).toBe(0)
    expect((await agent.shell('until [ -e /dev/hwrng ]; do usleep 50000; done')).exitCode).toBe(0)

    agent.tell('guest-shutdown', { mode: 'powerdown' })
    await guest.untilOff()
    agent.close()
  })

  test('keeps its disk over a stop, fills a larger disk, and runs user data once per instance', async () => {
    const disk = join(dataDir, 'machine.qcow2')
    await makeOverlay(image, disk, 30)
    await using metadata = await metadataOf('i-two', '#!/bin/sh\necho ran >> /root/runs\n')
    const untilUserDataDone = 'while [ "$(cat /var/lib/pileus/user-data-done 2>&1)" != i-two ]; do usleep 50000; done'
    {
      await using guest = await GuestUnderTest.start(image, { metadata, disk })
      await guest.untilConsoleShows(ready)
      const agent = await guest.agent()
      const { output } = await agent.shell(`${untilUserDataDone}; echo kept > /root/note; df -m / | tail -n 1`)
      expect(Number(output.split(/\s+/)[1])).toBeGreaterThan(29_000)
      await agent.shell('until pidof acpid; do usleep 50000; done; usleep 300000')
      await guest.pressPowerButton()
      await guest.untilOff()
      agent.close()
    }
    await using guest = await GuestUnderTest.start(image, { metadata, disk })
    await guest.untilConsoleShows(ready)
    const agent = await guest.agent()
    await agent.shell('usleep 500000')
    expect((await agent.shell('cat /root/note /root/runs')).output).toBe('kept\nran')
    agent.close()
    expect(await usedMiB(disk)).toBeLessThan(40)
  })

  test('is up without a metadata service, and says so', async () => {
    await using guest = await GuestUnderTest.start(image)
    await guest.untilConsoleShows(/pileus-micro: ready in [\d.]+s \(no metadata service\)/, 90_000)
  })
}, 120_000)

test('an image is built again only when it is out of date, and an interrupted build leaves nothing', async () => {
  expect((await ensureImage('micro', { dataDir, guestDir })).createdAt).toBe(image.createdAt)

  const before = await readdir(join(dataDir, 'images', image.id))
  const interruption = new AbortController()
  const steps: string[] = []
  const build = buildImage('micro', {
    dataDir,
    guestDir,
    signal: interruption.signal,
    onProgress: ({ step }) => {
      steps.push(step)
      if (step === 'making the disk') interruption.abort(new Error('stopped by the test'))
    },
  })
  await expect(build).rejects.toThrow('stopped by the test')
  expect(steps).toContain('making the disk')
  expect(await readdir(join(dataDir, 'images', image.id))).toEqual(before)
  expect((await readdir(join(dataDir, 'images'))).filter((name) => name.startsWith('.building'))).toEqual([])
}, 120_000)

test('builds that are asked for at the same time end with one image', async () => {
  const before = await readdir(join(dataDir, 'images', image.id))
  const [first, second] = await Promise.all([
    buildImage('micro', { dataDir, guestDir }),
    buildImage('micro', { dataDir, guestDir }),
  ])
  expect(second.createdAt).toBe(first.createdAt)
  expect(await readdir(join(dataDir, 'images', image.id))).toHaveLength(before.length + 1)
}, 120_000)
