import { z } from 'zod';
import { closed } from '../router/config/schema.ts';
import { type LakeField, type LakeKey, type LakeSettings, lakeFields, lakeKeys, type ReadAt } from './lake-fields.ts';

const filled = z.string().trim().min(1, 'Must not be empty.');

/** The schema of the section `lake`, from the table of its fields. */
export function lakeSection(at: ReadAt): z.ZodType<LakeSettings> {
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
