import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { flattenIssue } from '../settings/document.ts';
import { parseLenient } from '../settings/lenient.ts';
import { putReferencesIn } from '../settings/references.ts';
import type { Section } from '../settings/section.ts';
import { configErrors } from './errors.ts';
import { formatConfigurationFault, isRecord, merge, place, readConfigFile, shorten } from './given.ts';
import { type Flags, overridesOf } from './variables.ts';

export interface SectionInput {
  /** Path of `sluice.yaml`. Without one only environment and flags count. */
  readonly file?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly flags?: Flags | undefined;
  /** Keys that an option says: what stands elsewhere is not looked at. */
  readonly overridden?: readonly string[] | undefined;
}

/**
 * Loads one section alone, as the whole configuration would: a command that needs it needs no secret and no variable of
 * the others, nor must they be right.
 *
 * @throws SluiceError `config_invalid`; `details.faults` lists every fault with its place
 */
export function loadSection<Schema extends z.ZodType>(
  section: Section<string, Schema>,
  { file, environment, flags, overridden = [] }: SectionInput,
): z.output<Schema> {
  const { name } = section;
  const read = readConfigFile(file);
  if ('faults' in read) throw configErrors.config_invalid({ faults: read.faults.map(formatConfigurationFault) });
  const overrides = overridesOf(environment, flags).filter(({ path }) => path[0] === name);
  const sources = { environment, folder: file === undefined ? '.' : dirname(resolve(file)) };
  const refuse = (found: readonly { path: readonly PropertyKey[]; message: string }[]) => {
    const faults = shorten(found.map((fault) => place(fault, file, read.document, overrides)));
    return configErrors.config_invalid({ faults: faults.map(formatConfigurationFault) });
  };
  const own = partOf(merge(read.document?.value ?? {}, overrides), name, overridden);
  const given = putReferencesIn(own, sources);
  if (given.faults.length > 0) throw refuse(given.faults);
  const schema = z.object({ [name]: section.schema(sources).prefault({} as never) });
  const { parsed } = parseLenient(schema, given.value, given.places);
  if (!parsed.success) throw refuse(parsed.error.issues.flatMap((issue) => flattenIssue(issue)));
  return parsed.data[name] as z.output<Schema>;
}

/** A section of a whole configuration, without some of its keys. What has no sections is given back: the schema refuses it. */
function partOf(value: unknown, name: string, without: readonly string[]): unknown {
  if (!isRecord(value) || !Object.hasOwn(value, name)) return isRecord(value) ? {} : value;
  const part = value[name];
  if (!isRecord(part)) return { [name]: part };
  return { [name]: Object.fromEntries(Object.entries(part).filter(([key]) => !without.includes(key))) };
}
