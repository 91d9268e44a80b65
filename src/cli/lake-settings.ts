import { type LakeKey, type LakeSettings, lakeFields, lakeKeys, lakeVariable } from '../config/lake-fields.ts';
import { storeVariables } from '../config/store-settings.ts';
import type { StoreSettings } from '../lake/stores/store-kind.ts';
import { systemRuntime } from '../runtime/runtime.ts';
import type { VerifyOptions } from '../sync/verify.ts';
import { configInput } from './configuration.ts';
import type { Io } from './io.ts';
import { lakeFlags } from './lake-options.ts';

/** The lake of a command and, of a sync, its job: each key from its option, else its variable, else `sluice.yaml`. */
export type CommandSettings = LakeSettings & {
  readonly url: string;
  readonly commit_seconds: number;
  readonly heartbeat_seconds: number;
  readonly verify_reactions_days: number;
  readonly verify_reactions_messages: number;
  /** What is said of the store: its credentials and addresses. */
  readonly store: StoreSettings;
  /** The file that the command was given. */
  readonly config: string | undefined;
};

const DAY_MS = 86_400_000;

/** What a run reads once more; undefined: nothing. */
export const verifyOf = (settings: CommandSettings): VerifyOptions | undefined =>
  settings.verify_reactions
    ? { windowMs: settings.verify_reactions_days * DAY_MS, maxRecords: settings.verify_reactions_messages }
    : undefined;

/**
 * @param given - the options that commander read
 * @throws SluiceError `config_invalid`
 */
export async function lakeSettings(
  io: Pick<Io, 'env'>,
  given: { readonly config?: string | undefined },
): Promise<CommandSettings> {
  const flags = lakeFlags(given);
  const { file } = configInput(io, { config: given.config });
  const said = [...lakeKeys.map(lakeVariable), ...Object.keys(storeVariables)];
  if (file === undefined && !said.some((name) => io.env[name])) return settled({ ...flags, store: {} }, given.config);
  // Loads what reads configurations: most commands of a folder without one need it not.
  const [{ loadSection }, { lakeSection }] = await Promise.all([
    import('../config/load-section.ts'),
    import('../config/sections/lake.ts'),
  ]);
  const input = { file, environment: io.env, overridden: Object.keys(flags) };
  return settled({ ...loadSection(lakeSection(systemRuntime.now()), input), ...flags }, given.config);
}

/** What nothing says is as the table of the keys says. */
export function settled(
  said: LakeSettings & { readonly store: StoreSettings },
  config: string | undefined,
): CommandSettings {
  return {
    ...said,
    config,
    url: said.url ?? defaultOf('url'),
    commit_seconds: said.commit_seconds ?? defaultOf('commit_seconds'),
    heartbeat_seconds: said.heartbeat_seconds ?? defaultOf('heartbeat_seconds'),
    verify_reactions_days: said.verify_reactions_days ?? defaultOf('verify_reactions_days'),
    verify_reactions_messages: said.verify_reactions_messages ?? defaultOf('verify_reactions_messages'),
  };
}

const defaultOf = <Key extends LakeKey>(key: Key) => lakeFields[key].default as NonNullable<LakeSettings[Key]>;
