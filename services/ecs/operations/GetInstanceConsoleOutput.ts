import * as contract from '@pileus/contract/generated/ecs'
import { isoSeconds } from '@pileus/kernel/clock'
import { cleanConsole } from '../domain/console.ts'
import { read } from '../operation.ts'
import { findConsole } from '../tables/consoles.ts'
import { getInstance } from '../tables/instances.ts'

/** The last 64 KiB of the serial console, base64; empty before the first boot. */
export const GetInstanceConsoleOutput = read(contract.GetInstanceConsoleOutput, {
  permission: 'ecs:GetInstanceConsoleOutput',
  resources: (request) => [`instance/${request.InstanceId}`],
  places: 'nowhere',
  async run(ctx, request) {
    const row = await getInstance(ctx.db, ctx, request.InstanceId)
    const console = await findConsole(ctx.db, row.id)
    const text = console?.text ?? ''
    return {
      InstanceId: row.id,
      ConsoleOutput: request.RemoveSymbols ? cleanConsole(text) : text,
      LastUpdateTime: isoSeconds(console?.updated_at ?? row.created_at),
    }
  },
})
