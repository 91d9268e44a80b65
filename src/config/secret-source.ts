// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration writes references this way
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { z } from 'zod';
import { Secret } from '../runtime/secret.ts';

/** Where secrets may come from, besides standing in the configuration themselves. */
export interface SecretSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Relative `file:` paths start here. */
  readonly folder: string;
  /** Told of every file that was read, so that a watcher knows what to look at. */
  readonly onFile?: (path: string) => void;
}

/**
 * Turns what stands in the configuration into the secret: `${env:NAME}` from the environment, `file:PATH` from a file
 * (without the line end), anything else as it is. Faults name the source, never the value.
 */
export function secretFrom(text: string, sources: SecretSources, context: z.RefinementCtx): Secret | undefined {
  const found = lookUp(text, sources);
  if (typeof found === 'string') return new Secret(found);
  context.addIssue({ code: 'custom', message: found.problem });
  return undefined;
}

function lookUp(text: string, { environment, folder, onFile }: SecretSources): string | { problem: string } {
  const variable = /^\$\{env:([A-Za-z_]\w*)\}$/.exec(text)?.[1];
  if (variable !== undefined) {
    return environment[variable]?.trim() || { problem: `The environment variable ${variable} is not set.` };
  }
  if (text.startsWith('${')) {
    return { problem: 'This reference is not known. Valid: ${env:NAME}, file:PATH or the value itself.' };
  }
  if (!text.startsWith('file:')) return text;
  const path = resolve(folder, text.slice('file:'.length));
  onFile?.(path);
  try {
    return readFileSync(path, 'utf8').trim() || { problem: `The file ${path} is empty.` };
  } catch {
    return { problem: `The file ${path} cannot be read.` };
  }
}
