import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { silentLog } from '@pileus/kernel/log'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { desiredMachine } from '../agent/testing/fake-control-plane.ts'
import { findNamespaceInode } from '../network/namespaces.ts'
import { listenInNamespace } from './listener.ts'
import { MetadataService } from './service.ts'
import { TokenMint } from './tokens.ts'

const run = promisify(execFile)
const canMakeNamespaces = process.getuid?.() === 0 && spawnSync('ip', ['netns', 'list']).status === 0

describe.skipIf(!canMakeNamespaces)(
  'the service in namespaces (needs root and iproute2)',
  () => {
    const prefix = `pm${randomBytes(3).toString('hex')}`
    const made: string[] = []
    let removed: string[]
    let service: MetadataService

    /** A namespace with the service's address and, in the place of a guest, one more. */
    function makeNamespace(routerId: string): string {
      const name = `${prefix}-${routerId}`
      execFileSync('ip', ['netns', 'add', name])
      made.push(name)
      for (const command of ['link set lo up', 'addr add 100.100.100.200/32 dev lo', 'addr add 10.0.0.5/32 dev lo']) {
        execFileSync('ip', ['-n', name, ...command.split(' ')])
      }
      return name
    }

    function removeNamespaces(): void {
      for (const name of made.splice(0)) execFileSync('ip', ['netns', 'delete', name])
    }

    beforeEach(() => {
      removed = []
      service = new MetadataService({
        tokens: new TokenMint(Buffer.alloc(32, 7)),
        ensurePort: async (routerId) => ({ netns: `${prefix}-${routerId}` }),
        removePort: async (routerId) => void removed.push(routerId),
        listPorts: async () => [],
        listen: (netns) => listenInNamespace(netns, { host: '100.100.100.200', port: 80 }),
        findNamespaceInode,
        log: silentLog,
      })
    })
    afterEach(async () => {
      await service.close()
      removeNamespaces()
    })

    async function ask(routerId: string, source: string, path: string): Promise<string> {
      const target = `http.get({ host: '100.100.100.200', path: '${path}', localAddress: '${source}' }, print)`
      const print = `const print = (r) => { let t = r.statusCode + ' '; r.on('data', (d) => (t += d)).on('end', () => console.log(t)) }`
      const program = `const http = require('node:http'); ${print}; ${target}`
      const { stdout } = await run('ip', ['netns', 'exec', `${prefix}-${routerId}`, process.execPath, '-e', program])
      return stdout.trim()
    }

    function machineAt(id: string, routerId: string, ip: string) {
      const nic = { id: `eni-${id}`, mac: '00:16:3e:00:00:05', ip, primary: true, routerId }
      return desiredMachine(id, 'tiny', { nics: [nic] })
    }

    test('knows who asks by router and address, though addresses of two routers are the same', async () => {
      makeNamespace('r1')
      makeNamespace('r2')
      service.setMachines([machineAt('i-one', 'r1', '10.0.0.5'), machineAt('i-two', 'r2', '10.0.0.5')])
      await Promise.all([service.ensure('r1'), service.ensure('r2')])
      expect(await ask('r1', '10.0.0.5', '/latest/meta-data/instance-id')).toBe('200 i-one')
      expect(await ask('r2', '10.0.0.5', '/latest/meta-data/instance-id')).toBe('200 i-two')
      expect(await ask('r1', '100.100.100.200', '/latest/meta-data/instance-id')).toMatch(/^404/)
      service.setMachines([machineAt('i-two', 'r2', '10.0.0.5')])
      await expect.poll(() => removed).toEqual(['r1'])
      await expect(ask('r1', '10.0.0.5', '/latest/')).rejects.toThrow('ECONNREFUSED')
    })

    test('listens again when the namespace was made anew', async () => {
      makeNamespace('r1')
      service.setMachines([machineAt('i-one', 'r1', '10.0.0.5')])
      await service.ensure('r1')
      removeNamespaces()
      makeNamespace('r1')
      await service.ensure('r1')
      expect(await ask('r1', '10.0.0.5', '/latest/meta-data/instance-id')).toBe('200 i-one')
    })

    test('says why it cannot listen', async () => {
      await expect(service.ensure('absent')).rejects.toThrow(`cannot listen in ${prefix}-absent`)
    })
  },
  30_000,
)
