import { Command, Option } from 'commander';
import { type ConfigInput, loadConfig } from '../../config/load.ts';
import { settingsOf } from '../../config/notifiers.ts';
import { isBlank } from '../../html/index.ts';
import type { Content } from '../../messages/types.ts';
import { maskedWebhook, webhook } from '../../notifiers/webhook/kind.ts';
import { systemRuntime } from '../../runtime/runtime.ts';
import { Secret } from '../../runtime/secret.ts';
import { readCard } from '../card-source.ts';
import { configInput } from '../configuration.ts';
import { cliErrors } from '../errors.ts';
import { exitCodeOfDelivery } from '../exit-code.ts';
import type { ExitCode, Io } from '../io.ts';
import { configOption, filledList, jsonOption, pathOrInput, waitOption } from '../options.ts';
import { deliveryJson, renderDelivery } from '../render/delivery.ts';
import { withSender } from '../sender.ts';
import { readSource, utf8 } from '../source.ts';

interface Options {
  readonly webhook?: string;
  readonly to?: string[];
  readonly text?: string;
  readonly title?: string;
  readonly card?: string;
  readonly data?: string;
  readonly config?: string;
  readonly waitSeconds: number;
  readonly json?: boolean;
}

/** The receiver of a message that names none. */
const DEFAULT_RECEIVER = 'default';

/** `sluice send`: one message now, with its outcome. */
export function sendCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('send')
    .description(
      'Sends a text or a card and waits for the outcome. With --webhook nothing else is needed; with --to the receivers are those of the configuration, and what is not delivered now stays in its outbox.',
    )
    .addOption(new Option('--webhook <url>', 'where to send: a webhook URL, in quotes').conflicts(['to', 'config']))
    .addOption(new Option('--to <receivers>', 'where to send: names, comma-separated').argParser(filledList))
    .addOption(new Option('--text <text>', 'what to send: a text; - reads it from standard input').conflicts('card'))
    .addOption(new Option('--title <text>', 'title above the text').conflicts('card'))
    .addOption(
      new Option('--card <file>', 'what to send: a card or card template (JSON); - is standard input').argParser(
        pathOrInput,
      ),
    )
    .addOption(new Option('--data <file>', 'data of the template (JSON)').argParser(pathOrInput))
    .addOption(configOption())
    .addOption(waitOption())
    .addOption(jsonOption('print the outcome as one JSON line'))
    .addHelpText(
      'after',
      `
Examples:
  sluice send --webhook "$WEBHOOK" --text "Build 512 is green"
  make 2>&1 | tail -20 | sluice send --webhook "$WEBHOOK" --title "Build 512" --text -
  sluice send --to ops --card release.card.json --data build.json`,
    )
    .action(async (options: Options) => exit(await run(io, options)));
}

async function run(io: Io, options: Options): Promise<ExitCode> {
  const content = await contentOf(io, options);
  const input = inputOf(io, options);
  const masked = options.webhook === undefined ? undefined : await maskedUrl(options.webhook, input);
  return await withSender(input, async (sender, config) => {
    const to = options.to ?? [DEFAULT_RECEIVER];
    if (!options.to && !Object.hasOwn(config.current().config.receivers, DEFAULT_RECEIVER)) throw noReceiver();
    const report = await sender.sendNow({ to, content, waitMs: options.waitSeconds * 1_000 }, io.signal);
    const names = (receiver: string) => masked ?? receiver;
    if (options.json) io.out(`${JSON.stringify(deliveryJson(report, names))}\n`);
    else io.out(renderDelivery(report, names));
    return exitCodeOfDelivery(report);
  });
}

/** A URL alone needs no file, and no outbox that outlives the command. */
function inputOf(io: Io, { webhook, config }: Options): ConfigInput {
  if (webhook === undefined) return configInput(io, { config });
  return { environment: io.env, flags: { webhook, outbox: 'sqlite::memory:' } };
}

/** Says what is wrong with the URL in its own words, before anything is opened. */
async function maskedUrl(url: string, { environment }: ConfigInput): Promise<string> {
  const { config } = await loadConfig({ environment });
  const settings = settingsOf(config, webhook);
  return maskedWebhook(url, settings, { identityKey: new Secret(systemRuntime.id()), field: '--webhook' });
}

async function contentOf(io: Io, { text, title, card, data }: Options): Promise<Content> {
  if (card !== undefined)
    return { kind: 'card', card: (await readCard(io, { card, data })) as Record<string, unknown> };
  if (text === undefined)
    throw cliErrors.usage({ problem: 'Nothing to send.', valid: 'Give --text TEXT or --card FILE.' });
  if (data !== undefined)
    throw cliErrors.usage({ problem: '--data: only a card template takes data.', valid: 'Give --card FILE.' });
  const given = text === '-' ? utf8(await readSource(io, '-'), 'Standard input').trimEnd() : text;
  if (isBlank(given))
    throw cliErrors.usage({
      problem: '--text: the text is blank; nobody would see anything.',
      valid: 'Give something to say.',
    });
  return { kind: 'text', text: given, title };
}

const noReceiver = () =>
  cliErrors.usage({
    problem: 'Nowhere to send to.',
    valid: 'Give --webhook URL, or --to NAME with receivers in sluice.yaml, or set TEAMS_WEBHOOK_URL.',
  });
