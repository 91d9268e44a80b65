import { dirname, resolve } from 'node:path';
import { checkRoutingDocument } from '../router/config/check.ts';
import { flattenIssue } from '../settings/document.ts';
import { parseLenient } from '../settings/lenient.ts';
import { putReferencesIn } from '../settings/references.ts';
import { configErrors } from './errors.ts';
import { type ConfigurationFault, formatConfigurationFault, merge, place, readConfigFile, shorten } from './given.ts';
import { fieldKit, kindsOf } from './notifiers.ts';
import { configSchema, type SluiceConfig } from './schema.ts';
import { type Flags, overridesOf } from './variables.ts';

export { type ConfigurationFault, formatConfigurationFault } from './given.ts';

export interface ConfigInput {
  /** Path of `sluice.yaml`. Without one only environment and flags count. */
  readonly file?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly flags?: Flags;
  /** Names of the custom predicates that the program registers. Undefined: not checked. */
  readonly predicates?: readonly string[];
}

/** A configuration without faults, and what it was made of. */
export interface LoadedConfig {
  readonly config: SluiceConfig;
  /** The text that the routing holder compiles. */
  readonly routingText: string;
  /** Absolute paths of every file that was read: configuration, secrets, certificate. */
  readonly files: readonly string[];
}

/**
 * Loads file, environment and flags; a flag beats a variable, a variable beats the file.
 *
 * @throws SluiceError `config_invalid`; `details.faults` lists every fault with its place
 */
export async function loadConfig(input: ConfigInput): Promise<LoadedConfig> {
  const checked = await checkConfig(input);
  if ('faults' in checked) throw configErrors.config_invalid({ faults: checked.faults.map(formatConfigurationFault) });
  return checked;
}

/** As {@link loadConfig}, with the faults as data. Throws nothing. */
export async function checkConfig(
  input: ConfigInput,
): Promise<LoadedConfig | { readonly faults: readonly ConfigurationFault[] }> {
  const read = readConfigFile(input.file);
  if ('faults' in read) return read;
  const overrides = overridesOf(input.environment, input.flags);
  const refuse = (found: readonly { path: readonly PropertyKey[]; message: string }[]) => ({
    faults: shorten(found.map((fault) => place(fault, input.file, read.document, overrides))),
  });
  const files = input.file === undefined ? [] : [resolve(input.file)];
  const sources = {
    environment: input.environment,
    folder: input.file === undefined ? '.' : dirname(resolve(input.file)),
    onFile: (path: string) => void files.push(path),
  };
  const given = putReferencesIn(merge(read.document?.value ?? {}, overrides), sources);
  if (given.faults.length > 0) return refuse(given.faults);
  const loaded = await kindsOf(given.value, sources.folder, fieldKit(sources));
  if ('faults' in loaded) return refuse(loaded.faults);
  const { parsed, value } = parseLenient(configSchema(sources, loaded.kinds), given.value, given.places);
  if (!parsed.success) return refuse(parsed.error.issues.flatMap((issue) => flattenIssue(issue)));
  const receivers = Object.keys(parsed.data.receivers);
  const routing = parsed.data.routing
    ? { routing: (value as { routing: unknown }).routing }
    : defaultRouting(receivers);
  if (routing === undefined) {
    return refuse([
      { path: ['routing'], message: 'Missing. Expected a mapping with "route", or a receiver named "default".' },
    ]);
  }
  const routingText = JSON.stringify(routing);
  const known = { receivers, predicates: input.predicates };
  const locate = read.document?.locate ?? (() => ({ line: 1, column: 1 }));
  const routes = checkRoutingDocument({ value: routing, locate }, known);
  if (!routes.ok) {
    const source = input.file ?? 'sluice.yaml';
    const placed = routes.faults.map(({ line, column, ...fault }) => ({
      source: `${source}:${line}:${column}`,
      ...fault,
    }));
    return { faults: shorten(placed) };
  }
  return { config: parsed.data, routingText, files };
}

/**
 * Routing for a configuration that has none: everything to the only receiver, or to the one named `default`. What came
 * together is sent at once; the sender has waited already. Undefined: it is not clear which receiver is meant.
 */
function defaultRouting(receivers: readonly string[]): { readonly routing: unknown } | undefined {
  if (receivers.length === 0) return { routing: { route: { id: 'default', drop: true } } };
  const receiver = receivers.length === 1 ? receivers[0]! : receivers.find((name) => name === 'default');
  if (receiver === undefined) return undefined;
  const grouping = { group_by: ['alertname'], group_wait: '0s', group_interval: '1s' };
  return { routing: { route: { id: 'default', receivers: [receiver], ...grouping } } };
}
