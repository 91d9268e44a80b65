import { resolve } from 'node:path';
import { z } from 'zod';
import { localPath } from '../runtime/local-path.ts';
import type { ReferenceSources } from './references.ts';
import { secretFrom } from './secret-source.ts';

/** An object that refuses unknown keys and says which ones it knows. */
export function closed<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const error: z.core.$ZodErrorMap = (issue) =>
    issue.code === 'unrecognized_keys' ? `Unknown key. Valid: ${Object.keys(shape).join(', ')}.` : undefined;
  return z.strictObject(shape, { error });
}

/** A text that says something. */
export const filled = z.string().trim().min(1, 'Must not be empty.');

export const whole = (min: number, max: number) => z.int().min(min).max(max);

/** A secret, as it stands or from a file; see {@link secretFrom}. */
export const secretIn = (sources: ReferenceSources) =>
  filled.transform((text, context) => secretFrom(text, sources, context) ?? z.NEVER);

/** A path of this machine; a relative one starts at the folder of the configuration. */
export const pathIn = ({ folder }: Pick<ReferenceSources, 'folder'>) =>
  filled.transform((text, context) => {
    const read = localPath(text);
    if ('path' in read) return resolve(folder, read.path);
    context.addIssue({ code: 'custom', message: read.problem });
    return z.NEVER;
  });
