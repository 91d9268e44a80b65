import { z } from 'zod';
import { twinErrors } from '../errors.ts';

type Issue = z.core.$ZodIssue;

/** Reads what a caller sent. Refuses it by the first field that is wrong, with what would be right. */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown, place: string): z.output<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const field = fieldOf(issue);
  const valid = validOf(issue, schema);
  throw twinErrors.twin_input_invalid({ place, field, problem: issue.message, valid }, { cause: parsed.error });
}

function fieldOf(issue: Issue): string {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]!] : issue.path;
  return path.length === 0 ? 'body' : path.map(String).join('.');
}

function validOf(issue: Issue, schema: z.ZodType): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code === 'unrecognized_keys' && schema instanceof z.ZodObject) return Object.keys(schema.shape);
  return issue.code === 'invalid_type' ? [issue.expected] : [];
}

/** The JSON of a control request. */
export async function readJson(request: Request): Promise<unknown> {
  const text = await request.text();
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw twinErrors.body_not_json({ cause });
  }
}
