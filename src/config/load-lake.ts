import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { flattenIssue } from '../settings/document.ts';
import { parseLenient } from '../settings/lenient.ts';
import { putReferencesIn } from '../settings/references.ts';
import { configErrors } from './errors.ts';
import { formatConfigurationFault, isRecord, merge, place, readConfigFile, shorten } from './given.ts';
import type { LakeKey, LakeSettings } from './lake-fields.ts';
import { lakeSection } from './lake-section.ts';
import { overridesOf } from './variables.ts';

export interface LakeConfigInput {
  /** Path of `sluice.yaml`. Without one only the environment counts. */
  readonly file?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly nowMs: number;
  /** Keys that an option says: what stands elsewhere is not looked at. */
  readonly overridden?: readonly LakeKey[] | undefined;
}

/**
 * Loads the section `lake` alone: whoever asks a lake needs no secret of the other sections.
 *
 * @throws SluiceError `config_invalid`; `details.faults` lists every fault with its place
 */
export function loadLakeSettings({ file, environment, nowMs, overridden = [] }: LakeConfigInput): LakeSettings {
  const read = readConfigFile(file);
  if ('faults' in read) throw configErrors.config_invalid({ faults: read.faults.map(formatConfigurationFault) });
  const overrides = overridesOf(environment).filter(({ path }) => path[0] === 'lake');
  const folder = file === undefined ? '.' : dirname(resolve(file));
  const refuse = (found: readonly { path: readonly PropertyKey[]; message: string }[]) => {
    const faults = shorten(found.map((fault) => place(fault, file, read.document, overrides)));
    return configErrors.config_invalid({ faults: faults.map(formatConfigurationFault) });
  };
  const own = sectionOf(merge(read.document?.value ?? {}, overrides), overridden);
  const given = putReferencesIn(own, { environment, folder });
  if (given.faults.length > 0) throw refuse(given.faults);
  const schema = z.object({ lake: lakeSection({ folder, nowMs }).prefault({}) });
  const { parsed } = parseLenient(schema, given.value, given.places);
  if (!parsed.success) throw refuse(parsed.error.issues.flatMap((issue) => flattenIssue(issue)));
  return parsed.data.lake;
}

/** The section of a whole configuration, without some of its keys. What has no sections is given back: the schema refuses it. */
function sectionOf(value: unknown, without: readonly LakeKey[]): unknown {
  if (!isRecord(value) || !Object.hasOwn(value, 'lake')) return isRecord(value) ? {} : value;
  const { lake } = value;
  if (!isRecord(lake)) return { lake };
  return { lake: Object.fromEntries(Object.entries(lake).filter(([key]) => !without.some((one) => one === key))) };
}
