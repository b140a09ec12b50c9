import { describe, expect, test } from 'vitest'
import { parseSyncResponse } from './control-plane.ts'
import { desiredMachine } from './testing/fake-control-plane.ts'

const answer = { revision: '1', cellId: 'cell-one', machines: [desiredMachine('i-one', 'tiny')] }
const withMachine = (changes: object) => ({ ...answer, machines: [{ ...answer.machines[0], ...changes }] })
const [disk] = answer.machines[0]!.disks

test('a whole answer is taken as it is', () => expect(parseSyncResponse(answer)).toEqual(answer))

describe('nothing that could become another path or argument gets through', () => {
  test.each<[string, unknown, string]>([
    ['no object', [], 'not an object'],
    ['no cell', { ...answer, cellId: '' }, 'no cell id'],
    ['no machines', { ...answer, machines: undefined }, 'no machines'],
    ['a path as id', withMachine({ id: '../i-one' }), 'cannot be an id'],
    ['a hidden name', withMachine({ id: '.i-one' }), 'cannot be an id'],
    ['an endless name', withMachine({ id: 'i'.repeat(101) }), 'cannot be an id'],
    ['a path as disk', withMachine({ disks: [{ ...disk, id: 'a/b' }] }), 'cannot be an id'],
    ['a path as image', withMachine({ disks: [{ ...disk, source: { kind: 'image', imageId: '..' } }] }), 'be an id'],
    ['an option as MAC', withMachine({ nics: [{ id: 'eni-1', mac: '00:16:3e:00:00:05,x=y' }] }), 'odd MAC'],
    ['no memory', withMachine({ memoryMiB: 0 }), 'odd size'],
    ['half a processor', withMachine({ vcpus: 0.5 }), 'odd size'],
    ['no disks', withMachine({ disks: undefined }), 'no list of disks'],
    ['an option as command', withMachine({ commands: [{ id: '-rf' }] }), 'cannot be an id'],
  ])('%s', (_name, value, message) => expect(() => parseSyncResponse(value)).toThrow(message))
})
