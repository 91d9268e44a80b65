import { Command } from 'commander';
import type { ExitCode, Io } from '../io.ts';
import { lakeAt, remembered } from '../lake.ts';
import { lakeOption } from '../lake-options.ts';
import { lakeSettings } from '../lake-settings.ts';
import { statusOf } from '../lake-status.ts';
import { configOption, jsonOption, tenantOption } from '../options.ts';
import { renderStatus } from '../render/status.ts';
import { forEachLake, lakesOf } from '../tenants.ts';

interface Options {
  readonly lake?: string;
  readonly config?: string;
  readonly tenant?: string[];
  readonly json?: boolean;
}

/** `sluice status`: what a lake holds, how far it was read, what is missing, and who writes it. */
export function statusCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('status')
    .description(
      'Says whose lake it is, the rows of each table and their last change, how far messages were read, what is not filled, open gaps, the last run, and who writes it now. Asks nothing of Graph. Exit code 3: something is missing.',
    )
    .addOption(lakeOption('url'))
    .addOption(tenantOption())
    .addOption(configOption())
    .addOption(jsonOption('print the status as JSON; of several tenants one a line'))
    .addHelpText('after', '\nExample:\n  sluice status --lake ./lake')
    .action(async (options: Options) => {
      const settings = await lakeSettings(io, options);
      const lake = await remembered(await lakeAt(io, settings), io.signal);
      const lakes = await lakesOf(lake, options.tenant, { remembered: true });
      exit(
        await forEachLake(io, lakes, async ({ store, tenantId }) => {
          const status = await statusOf(store, io.signal);
          io.out(
            options.json
              ? `${JSON.stringify({ event: 'status', tenantId, ...status })}\n`
              : `${renderStatus(status, io)}\n${tenantId === undefined ? '' : '\n'}`,
          );
          return status.isMissing ? 3 : 0;
        }),
      );
    });
}
