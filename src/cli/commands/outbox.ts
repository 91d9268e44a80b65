import { Command, InvalidArgumentError, Option } from 'commander';
import type { RedriveFilter } from '../../outbox/redrive.ts';
import { type MessageState, messageStates } from '../../outbox/types.ts';
import { withoutText } from '../../sending/outgoing.ts';
import { configInput } from '../configuration.ts';
import { cliErrors } from '../errors.ts';
import type { ExitCode, Io } from '../io.ts';
import { configOption, filledList, jsonOption, outboxOption, pastDate, waitOption, wholeNumber } from '../options.ts';
import { renderMessage, renderMessages, renderStats } from '../render/outbox.ts';
import { withOutbox, withSenderOf } from '../sender.ts';

interface Options {
  readonly config?: string;
  readonly outbox?: string;
  readonly json?: boolean;
}
interface ListOptions extends Options {
  readonly state?: MessageState[];
  readonly to?: string;
  readonly since?: number;
  readonly limit: number;
}
interface RedriveOptions extends Options {
  readonly id?: string[];
  readonly to?: string;
  readonly since?: number;
  readonly all?: true;
}

/** `sluice outbox`: what waits, what arrived, what is dead and why. */
export function outboxCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('outbox')
    .description(
      'Shows what waits, what arrived and what is dead, and sends dead letters again. Works beside a running server.',
    )
    .addCommand(listCommand(io, exit))
    .addCommand(showCommand(io, exit))
    .addCommand(redriveCommand(io, exit))
    .addCommand(enableCommand(io, exit))
    .addCommand(drainCommand(io, exit))
    .addHelpText('after', '\nExamples:\n  sluice outbox list --state dead\n  sluice outbox redrive --to ops');
}

function stateList(text: string): MessageState[] {
  return filledList(text).map((given) => {
    const state = messageStates.find((known) => known === given);
    if (state === undefined) throw new InvalidArgumentError(`Valid: ${messageStates.join(', ')}.`);
    return state;
  });
}

const toOption = () =>
  new Option('--to <receiver>', 'only those for this receiver; TENANT/RECEIVER with several tenants');
const outboxOptions = (command: Command) => command.addOption(configOption()).addOption(outboxOption());

function listCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return outboxOptions(new Command('list'))
    .summary('list messages, newest first')
    .description('Lists messages, newest first, and counts all by state.')
    .addOption(
      new Option('--state <states>', `only these, comma-separated: ${messageStates.join(', ')}`).argParser(stateList),
    )
    .addOption(toOption())
    .addOption(new Option('--since <date>', 'only those accepted since (ISO 8601)').argParser(pastDate))
    .addOption(
      new Option('--limit <n>', 'at most this many').argParser(wholeNumber({ min: 1, max: 100_000 })).default(50),
    )
    .addOption(jsonOption('one JSON object a message'))
    .addHelpText('after', '\nExample:\n  sluice outbox list --state dead,retry --to ops')
    .action(async (options: ListOptions) => {
      await list(io, options);
      exit(0);
    });
}

function showCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return outboxOptions(new Command('show'))
    .summary('show a message with every attempt')
    .description('Shows one message with every attempt and its result. Its text is shown with --content only.')
    .argument('<id>', 'id of the message')
    .addOption(new Option('--content', 'draw the card as well'))
    .addOption(jsonOption('print it as JSON'))
    .addHelpText('after', '\nExample:\n  sluice outbox show 3f2a91c07d5e48b6a1c0d2e4f6a8b0c2')
    .action(async (id: string, options: Options & { content?: boolean }) => {
      const message = await withOutbox(configInput(io, flagsOf(options)), (outbox) => outbox.show(id));
      if (options.json)
        io.out(`${JSON.stringify(options.content ? { ...message, ...withoutText(message) } : withoutText(message))}\n`);
      else io.out(renderMessage(message, { columns: io.columns, content: options.content ?? false }));
      exit(0);
    });
}

function redriveCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return outboxOptions(new Command('redrive'))
    .summary('send dead letters again')
    .description(
      'Makes dead letters pending again, under their old ids. A running server or "sluice outbox drain" delivers them.',
    )
    .addOption(new Option('--id <id...>', 'only these messages'))
    .addOption(toOption())
    .addOption(new Option('--since <date>', 'only those dead since (ISO 8601)').argParser(pastDate))
    .addOption(new Option('--all', 'every dead letter').conflicts(['id', 'to', 'since']))
    .addOption(jsonOption('print the ids as JSON'))
    .addHelpText('after', '\nExample:\n  sluice outbox redrive --to ops --since 2026-01-31')
    .action(async (options: RedriveOptions) => {
      await redrive(io, options);
      exit(0);
    });
}

function enableCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return outboxOptions(new Command('enable'))
    .summary('ask a webhook again at once')
    .description(
      'Forgets that the webhooks of a receiver are out: the next message is tried at once, not at the next interval. Dead letters are sent again with "redrive".',
    )
    .argument('<receiver>', 'name of the receiver; TENANT/RECEIVER with several tenants')
    .addOption(jsonOption('print the endpoints as JSON'))
    .addHelpText('after', '\nExample:\n  sluice outbox enable ops')
    .action(async (receiver: string, options: Options) => {
      const endpoints = await withSenderOf(configInput(io, flagsOf(options)), (sender) => sender.enable(receiver));
      if (options.json) io.out(`${JSON.stringify({ endpoints })}\n`);
      else io.out(endpoints.length === 0 ? 'Nothing was ever sent there.\n' : `Asked again: ${endpoints.join(', ')}\n`);
      exit(0);
    });
}

function drainCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return outboxOptions(new Command('drain'))
    .summary('deliver what is due, then end')
    .description('Delivers until nothing is due within the wait. Exit code 3: something waits longer, or died now.')
    .addOption(waitOption())
    .addOption(jsonOption('print the state afterwards as JSON'))
    .addHelpText('after', '\nExample:\n  sluice outbox drain --wait-seconds 10')
    .action(async (options: Options & { waitSeconds: number }) => exit(await drain(io, options)));
}

const flagsOf = ({ config, outbox }: Options) => ({ config, outbox });

async function list(io: Io, options: ListOptions): Promise<void> {
  const { state, to, since, limit, json } = options;
  const [found, stats] = await withOutbox(configInput(io, flagsOf(options)), async (outbox) => [
    await outbox.list({
      limit,
      withPayload: true,
      states: state,
      destination: to,
      sinceMs: since,
    }),
    await outbox.stats(),
  ]);
  const messages = found.map(withoutText);
  if (json) for (const message of messages) io.out(`${JSON.stringify(message)}\n`);
  else io.out(`${renderMessages(messages, io)}${renderStats(stats)}`);
}

async function redrive(io: Io, options: RedriveOptions): Promise<void> {
  const { id, to, since, all, json } = options;
  if (!id && to === undefined && since === undefined && !all) {
    throw cliErrors.usage({
      problem: 'Which dead letters are to be sent again?',
      valid: 'Give --id ID, --to RECEIVER, --since DATE or --all.',
    });
  }
  const filter: RedriveFilter = { ids: id, destination: to, sinceMs: since, all };
  const { ids } = await withOutbox(configInput(io, flagsOf(options)), (outbox) => outbox.redrive(filter));
  if (json) io.out(`${JSON.stringify({ ids })}\n`);
  else io.out(ids.length === 0 ? 'No dead letter fits.\n' : `Pending again: ${ids.length}\n${ids.join('\n')}\n`);
}

async function drain(io: Io, options: Options & { waitSeconds: number }): Promise<ExitCode> {
  return await withSenderOf(configInput(io, flagsOf(options)), async (sender) => {
    const before = await sender.outbox.stats();
    const after = await sender.drain(options.waitSeconds * 1_000, io.signal);
    io.out(options.json ? `${JSON.stringify(after)}\n` : renderStats(after));
    for (const { notifier, messages } of await sender.unserved()) {
      io.err(
        `Nobody delivers what waits for the notifier "${notifier}" (${messages}): the configuration does not name it. Add it to notifiers.\n`,
      );
    }
    const died = after.states.dead > before.states.dead;
    return died || after.oldestOpenAtMs !== undefined ? 3 : 0;
  });
}
