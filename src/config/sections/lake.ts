import { z } from 'zod';
import type { StoreSetting, StoreSettings } from '../../lake/stores/store-kind.ts';
import { closed, filled, secretIn } from '../../settings/fields.ts';
import type { ReferenceSources } from '../../settings/references.ts';
import { type Section, section } from '../../settings/section.ts';
import {
  type LakeField,
  type LakeKey,
  type LakeSettings,
  lakeFields,
  lakeKeys,
  lakeVariable,
  type ReadAt,
} from '../lake-fields.ts';
import { storeSettings, storeVariables } from '../store-settings.ts';

const variables = {
  ...Object.fromEntries(lakeKeys.map((key) => [lakeVariable(key), { key, form: lakeFields[key].form }] as const)),
  ...storeVariables,
};

/** What the section says; of the store apart. */
export type LakeSection = LakeSettings & { readonly store: StoreSettings };

/** The section `lake`, made of the table of its fields. @param nowMs - ages are counted from here */
export const lakeSection = (nowMs: number): Section<'lake', z.ZodType<LakeSection>> =>
  section({ name: 'lake', variables, schema: (sources) => schemaOfAll(sources, nowMs) });

function schemaOfAll(sources: ReferenceSources, nowMs: number): z.ZodType<LakeSection> {
  const at = { folder: sources.folder, nowMs };
  const shape = Object.fromEntries(lakeKeys.map((key) => [key, schemaOf(key, at)]));
  const told = Object.entries(storeSettings).map(([key, setting]) => [key, schemaOfSetting(setting, sources)] as const);
  const all = closed({ ...shape, ...Object.fromEntries(told) }).transform((given) => {
    const entries = Object.entries(given);
    const store = Object.fromEntries(entries.filter(([key]) => Object.hasOwn(storeSettings, key)));
    return { ...Object.fromEntries(entries.filter(([key]) => !Object.hasOwn(storeSettings, key))), store };
  });
  return all as unknown as z.ZodType<LakeSection>;
}

function schemaOfSetting({ says, isSecret, form }: StoreSetting, sources: ReferenceSources): z.ZodType {
  const description = sentence(says);
  if (form === 'boolean') return z.boolean().optional().describe(description);
  return (isSecret ? secretIn(sources) : filled).optional().describe(description);
}

const sentence = (says: string) => `${says.charAt(0).toUpperCase()}${says.slice(1)}.`;

function schemaOf(key: LakeKey, at: ReadAt): z.ZodType {
  const field: LakeField = lakeFields[key];
  const read = formOf(field).transform((raw, context) => {
    const found = field.read(raw as never, at);
    if ('value' in found) return found.value;
    context.addIssue({ code: 'custom', message: found.problem });
    return z.NEVER;
  });
  const description = sentence(field.says);
  return read.optional().meta({ description, ...(field.default !== undefined && { default: field.default }) });
}

function formOf({ form, values, between }: LakeField): z.ZodType {
  if (values) return z.enum(values as [string, ...string[]]);
  if (form === 'list') return z.array(filled);
  if (form === 'boolean') return z.boolean();
  if (form !== 'number') return filled;
  const [min, max] = between!;
  const problem = `Give a whole number from ${min} to ${max}.`;
  return z.int().min(min, problem).max(max, problem);
}
