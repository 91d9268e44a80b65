import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isSluiceError } from '../errors/sluice-error.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type ConfigInput, type LoadedConfig, loadConfig } from './load.ts';

/** What a reload came to. A wrong configuration changes nothing. */
export type ReloadResult =
  | { readonly kind: 'reloaded'; readonly before: LoadedConfig; readonly after: LoadedConfig }
  | { readonly kind: 'refused'; readonly code: string; readonly faults: readonly string[] };

/** The configuration in use. Credentials and webhook URLs are read from here at every use, so a reload needs no restart. */
export interface ConfigHolder {
  current(): LoadedConfig;
  /** Reads every file again. The old configuration stays when the new one has a fault. */
  reload(): Promise<ReloadResult>;
  /**
   * Reloads when a file has changed and is the same at two looks, until the signal is aborted. Never rejects.
   *
   * @param onResult - gives whether it could be used; if not, the files are read again at the next look
   */
  watch(onResult: (result: ReloadResult) => boolean, signal: AbortSignal): Promise<void>;
}

/** @throws SluiceError `config_invalid` - the first configuration has faults */
export async function createConfigHolder(
  input: ConfigInput & {
    readonly runtime: Pick<Runtime, 'sleep'>;
    /** Time between two looks at the files. Default 2 s. */
    readonly pollMs?: number;
  },
): Promise<ConfigHolder> {
  let loaded = await loadConfig(input);
  let seen = fingerprint(loaded.files);

  async function reload(): Promise<ReloadResult> {
    const before = loaded;
    try {
      loaded = await loadConfig(input);
      return { kind: 'reloaded', before, after: loaded };
    } catch (error) {
      if (!isSluiceError(error)) return { kind: 'refused', code: 'unexpected', faults: [] };
      return { kind: 'refused', code: error.code, faults: (error.details['faults'] as string[] | undefined) ?? [] };
    }
  }

  async function watch(onResult: (result: ReloadResult) => boolean, signal: AbortSignal): Promise<void> {
    let last = seen;
    while (!signal.aborted) {
      await input.runtime.sleep(input.pollMs ?? 2_000, signal).catch(() => {});
      if (signal.aborted) return;
      const { files } = loaded;
      const now = fingerprint(files);
      // A file that is still being written is half a configuration: what is new must be the same at two looks.
      const settled = now === last;
      last = now;
      if (!settled || now === seen) continue;
      if (!onResult(await reload())) continue;
      // The state before the reload, so that a change during it is one more change.
      seen = loaded.files.join() === files.join() ? now : fingerprint(loaded.files);
    }
  }

  return { current: () => loaded, reload, watch };
}

/** Changes when a file's content does; a file that cannot be read counts as empty. */
function fingerprint(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    try {
      hash.update(file).update('\0').update(readFileSync(file));
    } catch {
      hash.update('\0missing');
    }
  }
  return hash.digest('hex');
}
