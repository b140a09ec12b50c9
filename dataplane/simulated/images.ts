import type { AvailableImage } from '@pileus/kernel/fabric/machines'

/** The images of the real engine, by the same ids; nothing boots from them here. */
export const simulatedImages: AvailableImage[] = [
  {
    id: 'pileus_micro_x64.qcow2',
    name: 'pileus_micro_x64',
    osName: 'Pileus Micro 64 bit',
    platform: 'Others Linux',
    sizeGiB: 20,
    createdAt: '2026-01-01T00:00:00Z',
    minMemoryMiB: 128,
  },
  {
    id: 'pileus_debian_12_x64_20G.qcow2',
    name: 'pileus_debian_12_x64_20G',
    osName: 'Debian 12 64 bit',
    platform: 'Debian',
    sizeGiB: 20,
    createdAt: '2026-01-02T00:00:00Z',
    minMemoryMiB: 256,
  },
]
