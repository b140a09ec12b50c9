/** What other products may ask of object storage: nothing yet. Its bytes travel by its own protocol. */
export type { ObjectService } from '@pileus/kernel/object-protocol'
