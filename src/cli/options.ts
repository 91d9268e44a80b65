import { InvalidArgumentError, Option } from 'commander';
import { resourceNamed } from '../resources/index.ts';
import { isAskedFor, listingRead, pathTo, type Resource } from '../resources/types.ts';
import { localPath } from '../runtime/local-path.ts';
import { systemRuntime } from '../runtime/runtime.ts';
import type { TableShape } from '../schema/column.ts';
import { type Reading, readPastDate, readSpan } from '../settings/instant.ts';
import { type Asked, type AskedNames, askedIn, askedOf } from '../sync/scope.ts';
import { tables } from '../tables/index.generated.ts';
import { DEFAULT_CONFIG } from './configuration.ts';
import { cliErrors } from './errors.ts';

/** Options that several commands share: each is declared here, once. */
export const jsonOption = (what: string) => new Option('--json', what);
export const tablesOption = () =>
  new Option(
    '--tables <names>',
    'only what these tables need, comma-separated; what the same pages hold (message_replies with messages) lands too; default: every table',
  ).argParser(commaList);
export const tenantOption = () =>
  new Option('--tenant <id...>', 'in a lake of several tenants: only these, by id (default: all)');
/** Of commands that work on positions: a table names what it is read from. */
export const tableOption = () => new Option('--table <name...>', 'only what these tables are read from');
export const partitionOption = () =>
  new Option('--partition <id...>', 'only these: ids of teams, of channels, or <team>/<channel>; of users or of chats');
export const limitsOption = () =>
  new Option('--limits <which>', 'limits to keep; none is for a simulated tenant only')
    .choices(['published', 'none'])
    .default('published');
export const configOption = () =>
  new Option('--config <file>', `configuration (default: ${DEFAULT_CONFIG}, if there is one)`).argParser(path);
export const webhookOption = () => new Option('--webhook <url>', 'webhook of the receiver "default"');
export const outboxOption = () => new Option('--outbox <url>', 'sqlite:PATH or postgres://USER@HOST/DATABASE');
export const waitOption = () =>
  new Option('--wait-seconds <n>', 'how long to wait for what is to be tried again')
    .argParser(wholeNumber({ min: 0, max: 86_400 }))
    .default(60);
const FOREVER = 'forever';
export const writerWaitOption = (preset: string) =>
  new Option('--wait [duration]', `wait for another writer of the lake, at most this long (${preset})`)
    .argParser((text) => (text === FOREVER ? Number.POSITIVE_INFINITY : span(text)))
    .preset(FOREVER);

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

/** What a text says. @throws InvalidArgumentError what is wrong with it */
function said<T>(read: Reading<T>): T {
  if ('problem' in read) throw new InvalidArgumentError(read.problem);
  return read.value;
}

/** Milliseconds of `90s`, `15m`, `2h`, `7d`. */
export const span = (text: string): number => said(readSpan(text));

/** A date from which something is looked for: in the future there is nothing. */
export const pastDate = (text: string): number => said(readPastDate(text, systemRuntime.now()));

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
 * The tables a user named, or all. A run about some teams or users is about their tables, and the lists of the tenant. The
 * tables of the bytes that rows name are among them when these are asked for.
 *
 * @throws SluiceError `unknown_table` naming the valid ones.
 */
export function chosenTables(
  names: readonly string[] | undefined,
  about: AskedNames & { readonly hosted_contents?: boolean | undefined } = {},
): readonly TableShape[] {
  const chosen = namedTables(names, about);
  if (!about.hosted_contents) return chosen;
  const resources = new Set(chosen.map(({ resource }) => resource));
  const isNamedBy = (table: string) => resources.has(tables.find(({ name }) => name === table)!.resource);
  const further = tables.filter(
    (table) =>
      !chosen.includes(table) &&
      resourceNamed(table.resource).reads.some(({ contents }) => contents && isNamedBy(contents.names)),
  );
  return [...chosen, ...further];
}

/**
 * The tables of a lake that a user named, or all: what is done to a lake leaves none out.
 *
 * @throws SluiceError `unknown_table` naming the valid ones.
 */
export const heldTables = (names: readonly string[] | undefined): readonly TableShape[] =>
  names === undefined ? tables : chosenTables(names);

function namedTables(names: readonly string[] | undefined, about: AskedNames): readonly TableShape[] {
  if (names === undefined) {
    const asked = askedOf(about);
    const isWanted = (resource: Resource) => !isAskedFor(resource) && isAbout(resource, asked);
    return tables.filter(({ resource }) => isWanted(resourceNamed(resource)));
  }
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

function isAbout(resource: Resource, asked: Asked): boolean {
  const path = pathTo(resource);
  const isListOfTenant = path.length === 1 && listingRead(resource) !== undefined;
  return asked.size === 0 || isListOfTenant || path.some((level) => askedIn(asked, level) !== undefined);
}
