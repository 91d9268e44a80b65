import { z } from 'zod';
import { closed, filled } from '../../settings/fields.ts';
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

const variables = Object.fromEntries(
  lakeKeys.map((key) => [lakeVariable(key), { key, form: lakeFields[key].form }] as const),
);

/** The section `lake`, made of the table of its fields. @param nowMs - ages are counted from here */
export const lakeSection = (nowMs: number): Section<'lake', z.ZodType<LakeSettings>> =>
  section({ name: 'lake', variables, schema: ({ folder }) => schemaOfAll({ folder, nowMs }) });

function schemaOfAll(at: ReadAt): z.ZodType<LakeSettings> {
  const shape = Object.fromEntries(lakeKeys.map((key) => [key, schemaOf(key, at)]));
  return closed(shape) as unknown as z.ZodType<LakeSettings>;
}

function schemaOf(key: LakeKey, at: ReadAt): z.ZodType {
  const field: LakeField = lakeFields[key];
  const read = formOf(field).transform((raw, context) => {
    const found = field.read(raw as never, at);
    if ('value' in found) return found.value;
    context.addIssue({ code: 'custom', message: found.problem });
    return z.NEVER;
  });
  const description = `${field.says.charAt(0).toUpperCase()}${field.says.slice(1)}.`;
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
