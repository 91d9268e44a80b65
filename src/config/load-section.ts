import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { flattenIssue } from '../settings/document.ts';
import { parseLenient } from '../settings/lenient.ts';
import { putReferencesIn, type ReferenceSources } from '../settings/references.ts';
import type { Section } from '../settings/section.ts';
import { configErrors } from './errors.ts';
import { formatConfigurationFault, isRecord, merge, place, readConfigFile, shorten } from './given.ts';
import { sectionNames } from './section-names.ts';
import { type Flags, type Override, overridesOf, variables } from './variables.ts';

export interface SectionInput {
  /** Path of `sluice.yaml`. Without one only environment and flags count. */
  readonly file?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly flags?: Flags | undefined;
  /** Keys that an option says: what stands elsewhere is not looked at. */
  readonly overridden?: readonly string[] | undefined;
  /** What stands elsewhere, such as in variables of another name; variables and flags are stronger. */
  readonly elsewhere?: readonly Override[] | undefined;
  /** What options of one command say: nothing is stronger. */
  readonly last?: readonly Override[] | undefined;
}

/**
 * Loads some sections alone, as the whole configuration would: a command that needs them needs no secret and no variable
 * of the others, nor must they be right. Names that no section has are refused: one of those that are meant may be misspelt.
 *
 * @param shapeOf - the schema of each section; told what stands in the file
 * @throws SluiceError `config_invalid`; `details.faults` lists every fault with its place
 */
export function loadSections<Shape extends Readonly<Record<string, z.ZodType>>>(
  shapeOf: (sources: ReferenceSources, document: unknown) => Shape,
  { file, environment, flags, overridden = [], elsewhere = [], last = [] }: SectionInput,
): { readonly [Name in keyof Shape]: z.output<Shape[Name]> } {
  const read = readConfigFile(file);
  if ('faults' in read) throw configErrors.config_invalid({ faults: read.faults.map(formatConfigurationFault) });
  const sources = { environment, folder: file === undefined ? '.' : dirname(resolve(file)) };
  const document = read.document?.value ?? {};
  const shape = shapeOf(sources, document);
  const given = [...elsewhere, ...overridesOf(environment, flags), ...last];
  const overrides = given.filter(({ path }) => Object.hasOwn(shape, path[0]!));
  const refuse = (found: readonly { path: readonly PropertyKey[]; message: string }[]) => {
    const faults = shorten(found.map((fault) => place(fault, file, read.document, overrides)));
    return configErrors.config_invalid({ faults: faults.map(formatConfigurationFault) });
  };
  const strangers = unknownNames(document);
  if (strangers.length > 0) throw refuse(strangers);
  const own = partsOf(merge(document, overrides), Object.keys(shape), overridden);
  const put = putReferencesIn(own, sources);
  if (put.faults.length > 0) throw refuse(put.faults);
  const { parsed } = parseLenient(z.object(shape), put.value, put.places);
  if (!parsed.success) throw refuse(parsed.error.issues.flatMap((issue) => flattenIssue(issue)));
  return parsed.data as { readonly [Name in keyof Shape]: z.output<Shape[Name]> };
}

/** Loads one section alone; see {@link loadSections}. @throws SluiceError `config_invalid` */
export function loadSection<Schema extends z.ZodType>(
  section: Section<string, Schema>,
  input: SectionInput,
): z.output<Schema> {
  const { name } = section;
  const shapeOf = (sources: ReferenceSources) => ({ [name]: section.schema(sources).prefault({} as never) });
  return loadSections(shapeOf, input)[name] as z.output<Schema>;
}

/** The sections, and those that only notifiers of the house have. */
const known: ReadonlySet<string> = new Set([...sectionNames, ...Object.values(variables).map(({ path }) => path[0])]);

/** Names that are no section, unless the configuration has notifiers of its own, which may have sections too. */
function unknownNames(document: unknown): { path: readonly string[]; message: string }[] {
  if (!isRecord(document) || (Array.isArray(document['notifiers']) && document['notifiers'].length > 0)) return [];
  const unknown = Object.keys(document).filter((name) => !known.has(name));
  return unknown.map((name) => ({ path: [name], message: `Unknown key. Valid: ${[...known].join(', ')}.` }));
}

/** Sections of a whole configuration, without some of their keys. What has no sections is given back: the schema refuses it. */
function partsOf(value: unknown, names: readonly string[], without: readonly string[]): unknown {
  if (!isRecord(value)) return value;
  const parts = names.filter((name) => Object.hasOwn(value, name)).map((name) => [name, partOf(value[name], without)]);
  return Object.fromEntries(parts);
}

function partOf(part: unknown, without: readonly string[]): unknown {
  if (!isRecord(part)) return part;
  return Object.fromEntries(Object.entries(part).filter(([key]) => !without.includes(key)));
}
