import type { z } from 'zod';
import { jsonDepth } from '../../runtime/json-depth.ts';
import { botErrors } from '../errors.ts';
import { type ActivityOf, type ActivityType, activityTypes, isActivityType } from './activity-types.ts';
import { type Envelope, envelope } from './envelope.ts';

/** An activity of a published type, with the fields of that type. */
export type Activity = { readonly [Type in ActivityType]: ActivityOf<Type> & { readonly type: Type } }[ActivityType];

/** Deepest nesting of arrays and objects read. */
const MAX_DEPTH = 100;

/**
 * Reads what every activity has: enough to judge whether it may be taken at all.
 *
 * @throws SluiceError `activity_invalid` naming fields, never what stood in them
 */
export function readEnvelope(body: Uint8Array): Envelope {
  return checked(parse(body), envelope);
}

/**
 * Reads the fields of its type. Undefined: the type is none that is published.
 *
 * @throws SluiceError `activity_invalid`
 */
export function readActivity(given: Envelope): Activity | undefined {
  const { type } = given;
  // The schema is that of the type, which the compiler does not follow through the table.
  return isActivityType(type) ? (checked(given, activityTypes[type].schema) as Activity) : undefined;
}

function parse(body: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    if (jsonDepth(text) > MAX_DEPTH) return undefined;
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value));
  } catch {
    return undefined;
  }
}

function checked<Schema extends z.ZodType>(value: unknown, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path }) => path.filter((part) => typeof part === 'string').join('.'));
  throw botErrors.activity_invalid({ fields: [...new Set(fields.map((field) => field || 'the body'))].slice(0, 20) });
}
