import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  FOREVER,
  type LakeField,
  type LakeKey,
  type LakeSettings,
  lakeFields,
  lakeKeys,
} from '../config/lake-fields.ts';
import { systemRuntime } from '../runtime/runtime.ts';
import { formed } from '../settings/form.ts';

/** What commander read of the command line, by the names it gives. */
export type Given = object;

/** The option of a key of the section `lake`: its words, its values and its checks are those of the key. */
export function lakeOption(key: LakeKey): Option {
  const field: LakeField = lakeFields[key];
  const preset = field.default === undefined ? '' : ` (default: ${field.default})`;
  const option = new Option(field.flag, `${field.says}${preset}`);
  if (option.optional) option.preset(FOREVER);
  if (field.values) return option.choices(field.values);
  if (option.variadic || field.form === 'boolean' || field.form === 'place') return option;
  return option.argParser((text) => {
    const raw = formed(text, field.form);
    return field.isToldLater ? raw : checked(field, raw);
  });
}

/** Adds the options of these keys, in this order. */
export const withLakeOptions = (command: Command, keys: readonly LakeKey[]): Command =>
  keys.reduce((one, key) => one.addOption(lakeOption(key)), command);

/** The records that a run is about. */
export const scopeKeys: readonly LakeKey[] = ['teams', 'channels', 'users', 'chats'];

/** What a run reads, and how: a plan is about the same. */
export const readKeys: readonly LakeKey[] = [
  'tables',
  'url',
  ...scopeKeys,
  'since',
  'until',
  'filter',
  'strategy',
  'max_pages',
  'max_records',
  'verify_reactions',
  'verify_reactions_days',
  'verify_reactions_messages',
  'hosted_contents',
];

/** `--no-raw` and its like: an option says more than the file, also that it is not so. */
export function lakeOptionOff(key: LakeKey): Option {
  const { flag } = lakeFields[key];
  return new Option(flag.replace(/^--/, '--no-'), `not so, whatever the configuration says`);
}

function checked(field: LakeField, raw: unknown): unknown {
  const read = field.read(raw as never, { folder: '.', nowMs: systemRuntime.now() });
  if ('problem' in read) throw new InvalidArgumentError(read.problem);
  return read.value;
}

/** What the options of a command say, by the keys of the section. */
export function lakeFlags(given: Given): LakeSettings {
  const values = given as Readonly<Record<string, unknown>>;
  const said = lakeKeys.map((key) => [key, values[new Option(lakeFields[key].flag).attributeName()]] as const);
  return Object.fromEntries(said.filter(([, value]) => value !== undefined));
}
