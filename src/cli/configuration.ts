import { existsSync } from 'node:fs';
import type { ConfigInput } from '../config/load.ts';
import type { Flags } from '../config/variables.ts';
import type { Io } from './io.ts';

/** Read when no other file is named. */
export const DEFAULT_CONFIG = 'sluice.yaml';

/** Where a command's configuration comes from: the file it was given, else {@link DEFAULT_CONFIG} if there is one. */
export function configInput(
  io: Pick<Io, 'env'>,
  { config, ...flags }: Flags & { readonly config?: string | undefined },
): ConfigInput {
  const file = config ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : undefined);
  return { environment: io.env, flags, file };
}
