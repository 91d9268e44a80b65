import { Argument, Command } from 'commander';
import { isUnlicensed } from '../../errors/graph-refusals.ts';
import type { SluiceError } from '../../errors/sluice-error.ts';
import { teams } from '../../resources/teams.ts';
import { pathTo, type Resource } from '../../resources/types.ts';
import { type KnownRecord, knownRecords, levelsDownTo, nameable } from '../../sync/known-records.ts';
import { askedOf } from '../../sync/scope.ts';
import { configInput } from '../configuration.ts';
import { withConnection } from '../connect.ts';
import { cliErrors } from '../errors.ts';
import type { ExitCode, Io } from '../io.ts';
import { lakeOption } from '../lake-options.ts';
import { configOption, jsonOption } from '../options.ts';
import { renderTable } from '../render/table.ts';

interface Options {
  readonly team?: readonly string[] | undefined;
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
}

const DEFAULT = ['teams', 'channels'];

/** `sluice ids`: what options name, with the names that people know. */
export function idsCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('ids')
    .description('Lists teams, channels, chats or users with their ids and names, to copy into an option.')
    .addArgument(
      new Argument('[collections...]', `what to list; default: ${DEFAULT.join(' and ')}`).choices(
        nameable.map(({ name }) => name),
      ),
    )
    .addOption(lakeOption('teams'))
    .addOption(configOption())
    .addOption(jsonOption('print one JSON line for each record'))
    .addHelpText('after', '\nExample:\n  sluice ids channels\n  sluice ids users --json')
    .action(async (chosen: readonly string[], options: Options) => {
      const names = chosen.length > 0 ? chosen : DEFAULT;
      exit(
        await run(
          io,
          nameable.filter(({ name }) => names.includes(name)),
          options,
        ),
      );
    });
}

async function run(io: Io, collections: readonly Resource[], { team, config, json }: Options): Promise<ExitCode> {
  if (team) refuseOthers(collections);
  return withConnection(configInput(io, { config }), async ({ graph }) => {
    let code: ExitCode = 0;
    const onRefused = (error: SluiceError, parent: object) => {
      const { message, hint } = error;
      if (!isUnlicensed(error)) code = 3;
      io.err(`Not listed below ${Object.values(parent).join('/')}: ${[message, hint].filter(Boolean).join(' ')}\n`);
    };
    const onUnknown = (id: string, { name }: Resource) => {
      code = 3;
      io.err(`There is no ${id} among the ${name}. \`sluice ids ${name}\` lists them.\n`);
    };
    for (const collection of collections) {
      const options = { graph, asked: askedOf({ teams: team }), onRefused, onUnknown };
      const records: KnownRecord[] = [];
      for await (const record of knownRecords(collection, options, io.signal)) {
        if (json) io.out(`${JSON.stringify({ collection: collection.name, ...record.ids, ...record.fields })}\n`);
        else records.push(record);
      }
      if (!json) io.out(`${tableOf(collection, records)}\n\n`);
    }
    return code;
  });
}

/** `--team` chooses nothing of what is not below teams. */
function refuseOthers(collections: readonly Resource[]): void {
  const others = collections.filter((one) => !levelsDownTo(one).includes(teams));
  if (others.length === 0) return;
  const valid = nameable.filter((one) => levelsDownTo(one).includes(teams)).map(({ name }) => name);
  throw cliErrors.usage({
    problem: `--team does not choose among ${others.map(({ name }) => name).join(', ')}.`,
    valid: `It chooses among: ${valid.join(', ')}.`,
  });
}

/** Never cut: what is copied is whole. */
function tableOf(collection: Resource, records: readonly KnownRecord[]): string {
  const above = collection.shared ? [] : pathTo(collection.of);
  const ids = [...above, collection].map(({ gives }) => gives!);
  const fields = collection.knownBy ?? [];
  const rows = records.map((record) => [
    ...ids.map((id) => record.ids[id]),
    ...fields.map((name) => record.fields[name]),
  ]);
  return renderTable([...ids, ...fields], rows, { columns: Number.POSITIVE_INFINITY });
}
