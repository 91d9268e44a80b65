import { Command, Option } from 'commander';
import {
  CARD_VIEWS,
  type CardView,
  cardToText,
  HOST_PROFILES,
  type HostProfile,
  PREVIEW_THEMES,
  type PreviewOptions,
  previewPage,
  validateCard,
} from '../../cards/index.ts';
import { loadSection } from '../../config/load-section.ts';
import { cardsSection } from '../../config/sections/cards.ts';
import { urlPolicyOf } from '../../sending/render/card-settings.ts';
import { readCard } from '../card-source.ts';
import { configInput } from '../configuration.ts';
import type { ExitCode, Io } from '../io.ts';
import { configOption, jsonOption, path, pathOrInput } from '../options.ts';
import { renderCardFaults } from '../render/card-faults.ts';
import { writeText } from '../source.ts';

interface Options {
  readonly host: HostProfile['name'];
  readonly data?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly html?: string;
}

interface PreviewCommandOptions extends Options {
  readonly view: CardView;
  readonly theme: NonNullable<PreviewOptions['theme']>;
}

/** Widest picture, in columns: a card in Teams is no wider. */
const MAX_PICTURE_WIDTH = 90;

/** `sluice card`: cards before they are sent. */
export function cardCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('card')
    .description('Checks cards and shows them, without sending anything.')
    .addCommand(lintCommand(io, exit))
    .addCommand(previewCommand(io, exit))
    .addHelpText('after', '\nExamples:\n  sluice card lint release.card.json\n  sluice card preview release.card.json');
}

function lintCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return cardOptions(new Command('lint'))
    .summary('list every fault of a card')
    .description('Lists every fault of a card with its path, and what is allowed there. Exit code 1: it has errors.')
    .addOption(jsonOption('one JSON object a fault'))
    .addHelpText(
      'after',
      '\nExample:\n  sluice card lint release.card.json --data build.json\n  sluice card lint ask.card.json --host bot',
    )
    .action(async (file: string, options: Options) => exit(await lint(io, file, options)));
}

function previewCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return cardOptions(new Command('preview'))
    .summary('draw a card in the terminal or as a page')
    .description('Draws a card in the terminal. --html also writes a page that shows it the way Teams does.')
    .addOption(
      new Option('--view <name>', 'whose reading of Markdown: web and desktop, or phone')
        .choices(CARD_VIEWS)
        .default('web'),
    )
    .addOption(new Option('--html <file>', 'write the page to this file').argParser(path))
    .addOption(new Option('--theme <name>', 'theme of the page').choices(PREVIEW_THEMES).default('auto'))
    .addHelpText(
      'after',
      '\nExamples:\n  sluice card preview release.card.json --view phone\n  sluice card preview release.card.json --data build.json --html release.html',
    )
    .action(async (file: string, options: PreviewCommandOptions) => exit(await preview(io, file, options)));
}

function cardOptions(command: Command): Command {
  return command
    .argument('<file>', 'card or card template (JSON); - is standard input', pathOrInput)
    .addOption(new Option('--data <file>', 'data of the template (JSON)').argParser(pathOrInput))
    .addOption(
      new Option('--host <name>', 'what shows the card').choices(Object.keys(HOST_PROFILES)).default('workflow'),
    )
    .addOption(configOption());
}

async function lint(io: Io, file: string, options: Options): Promise<ExitCode> {
  const faults = faultsOf(await readCard(io, { card: file, data: options.data }), io, options);
  const errors = faults.filter(({ severity }) => severity === 'error').length;
  if (options.json) for (const fault of faults) io.out(`${JSON.stringify(fault)}\n`);
  else io.out(faults.length > 0 ? renderCardFaults(faults) : `${file}: no fault for the host "${options.host}".\n`);
  return errors > 0 ? 1 : 0;
}

async function preview(io: Io, file: string, options: PreviewCommandOptions): Promise<ExitCode> {
  const card = await readCard(io, { card: file, data: options.data });
  io.err(renderCardFaults(faultsOf(card, io, options)));
  io.out(`${cardToText(card, { width: Math.min(io.columns, MAX_PICTURE_WIDTH), view: options.view })}\n`);
  if (options.html !== undefined) {
    await writeText(options.html, previewPage(card, { view: options.view, theme: options.theme }));
    io.err(`Wrote ${options.html}. Open it in a browser.\n`);
  }
  return 0;
}

function faultsOf(card: unknown, io: Io, { host, config }: Options) {
  const cards = loadSection(cardsSection, configInput(io, { config }));
  return validateCard(card, HOST_PROFILES[host], urlPolicyOf({ cards }));
}
