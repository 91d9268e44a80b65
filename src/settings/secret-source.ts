import { resolve } from 'node:path';
import type { z } from 'zod';
import { Secret } from '../runtime/secret.ts';
import { type ReferenceSources, textOf } from './references.ts';

/**
 * Turns what stands in the configuration into the secret: `file:PATH` from a file (without the line end), anything else
 * as it is; references are put in before. Faults name the source, never the value.
 */
export function secretFrom(text: string, sources: ReferenceSources, context: z.RefinementCtx): Secret | undefined {
  const found = text.startsWith('file:')
    ? textOf(resolve(sources.folder, text.slice('file:'.length)), sources.onFile)
    : text;
  if (typeof found === 'string') return new Secret(found);
  context.addIssue({ code: 'custom', message: found.problem, params: { isUnset: found.isUnset } });
  return undefined;
}
