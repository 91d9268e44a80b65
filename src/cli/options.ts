import { InvalidArgumentError, Option } from 'commander';
import { resourceNamed } from '../resources/index.ts';
import { isReadByDefault } from '../resources/types.ts';
import { localPath } from '../runtime/local-path.ts';
import { systemRuntime } from '../runtime/runtime.ts';
import type { TableShape } from '../schema/column.ts';
import { strategyNames } from '../strategies/index.ts';
import { tables } from '../tables/index.generated.ts';
import { DEFAULT_CONFIG } from './configuration.ts';
import { cliErrors } from './errors.ts';

/** What `plan` and `sync` have in common: what to read, and where the lake is. */
export interface ReadOptions {
  readonly lake: string;
  readonly tables?: string[] | undefined;
  readonly team?: string[] | undefined;
  readonly channel?: string[] | undefined;
  /** Milliseconds since 1970. */
  readonly since?: number | undefined;
  readonly strategy?: string | undefined;
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Options that several commands share: each is declared here, once. */
export const lakeOption = (folder = './lake') =>
  new Option('--lake <dir>', 'folder of the lake').argParser(path).default(folder);
export const jsonOption = (what: string) => new Option('--json', what);
export const tablesOption = () =>
  new Option(
    '--tables <names>',
    'only what these tables need, comma-separated; what the same pages hold (message_replies with messages) lands too; default: all but those of chats',
  ).argParser(commaList);
export const teamOption = () => new Option('--team <id...>', 'only these teams, by id');
export const tenantOption = () =>
  new Option('--tenant <id...>', 'in a lake of several tenants: only these, by id (default: all)');
export const partitionOption = () =>
  new Option('--partition <id...>', 'only these: ids of teams, of channels, or <team>/<channel>');
export const strategyOption = () =>
  new Option('--strategy <name>', 'how to read messages').choices(strategyNames.filter((name) => name !== 'snapshot'));
export const limitsOption = () =>
  new Option('--limits <which>', 'limits to keep; none is for a simulated tenant only')
    .choices(['published', 'none'])
    .default('published');
export const configOption = () =>
  new Option('--config <file>', `configuration (default: ${DEFAULT_CONFIG}, if there is one)`).argParser(path);
export const webhookOption = () => new Option('--webhook <url>', 'webhook of the receiver "default"');
export const outboxOption = () => new Option('--outbox <url>', 'sqlite:PATH or postgres://USER@HOST/DATABASE');
export const heartbeatOption = () =>
  new Option('--heartbeat-seconds <n>', 'without a terminal, say on stderr this often how far it is; 0: never')
    .argParser(wholeNumber({ min: 0, max: 86_400 }))
    .default(10);
export const waitOption = () =>
  new Option('--wait-seconds <n>', 'how long to wait for what is to be tried again')
    .argParser(wholeNumber({ min: 0, max: 86_400 }))
    .default(60);
const FOREVER = 'forever';
export const writerWaitOption = (preset: string) =>
  new Option('--wait [duration]', `wait for another writer of the lake, at most this long (${preset})`)
    .argParser((text) => (text === FOREVER ? Number.POSITIVE_INFINITY : span(text)))
    .preset(FOREVER);
export const sinceOption = () =>
  new Option('--since <date>', 'a first load begins here (ISO 8601, for example 2026-01-31)').argParser(pastDate);

export function commaList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** As {@link commaList}; a list of nothing is refused. */
export function filledList(text: string): string[] {
  const list = commaList(text);
  if (list.length === 0) throw new InvalidArgumentError('Nothing is named.');
  return list;
}

export function isoDate(text: string): number {
  const day = text.slice(0, 10);
  const ms = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?$/.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes 30 February for 2 March.
  if (Number.isNaN(ms) || new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day)
    throw new InvalidArgumentError('Give an ISO 8601 date, for example 2026-01-31 or 2026-01-31T08:00:00Z.');
  return ms;
}

/** Units of a span as a person writes it: `90s`, `15m`, `2h`, `7d`. */
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `90s`, `15m`, `2h`, `7d`. */
export function span(text: string): number {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (amount === undefined) throw new InvalidArgumentError('Give a span of time, for example 90s, 15m, 2h or 7d.');
  return Number(amount) * UNIT_MS[unit!]!;
}

/** An instant, or how long ago it was: ms since 1970. */
export function instantOrAge(nowMs: number): (text: string) => number {
  return (text) => (/^\d+[smhd]$/.test(text) ? nowMs - span(text) : pastDate(text));
}

/** A date from which something is looked for: in the future there is nothing. */
export function pastDate(text: string): number {
  const ms = isoDate(text);
  const nowMs = systemRuntime.now();
  if (ms > nowMs) throw new InvalidArgumentError(`It lies in the future: now is ${new Date(nowMs).toISOString()}.`);
  return ms;
}

/** A path of this machine; see {@link localPath}. */
export function path(text: string): string {
  const read = localPath(text);
  if ('problem' in read) throw new InvalidArgumentError(read.problem);
  return read.path;
}

/** A path of this machine, or `-` for standard input. */
export const pathOrInput = (text: string): string => (text === '-' ? text : path(text));

export function wholeNumber(options: { min: number; max: number }): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= options.min && value <= options.max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${options.min} to ${options.max}.`);
  };
}

/**
 * The tables a user named, or all that are read without being named.
 *
 * @throws SluiceError `unknown_table` naming the valid ones.
 */
export function chosenTables(names: readonly string[] | undefined): readonly TableShape[] {
  if (names === undefined) return tables.filter(({ resource }) => isReadByDefault(resourceNamed(resource)));
  if (names.length === 0) throw cliErrors.no_table();
  return names.map((name) => {
    const table = tables.find((candidate) => candidate.name === name);
    if (!table)
      throw cliErrors.unknown_table({
        field: '--tables',
        value: name,
        valid: tables.map((known) => known.name),
      });
    return table;
  });
}
