import { dirname, resolve } from 'node:path';
import { checkRoutingDocument } from '../router/config/check.ts';
import { type ConfigDocument, type FlatIssue, flattenIssue } from '../settings/document.ts';
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
export async function checkConfig(input: ConfigInput): Promise<LoadedConfig | Faulty> {
  const read = await examine(input);
  if ('faults' in read) return read;
  const { config, missing, issues } = read;
  if (missing.length > 0) return read.placed(missing);
  if (config === undefined) return read.placed(issues);
  const routes = routesOf(read, { input, receivers: Object.keys(config.receivers) });
  return 'faults' in routes ? routes : { config, routingText: routes.text, files: read.files };
}

/** Routes without faults, as far as this can be told without what references name. */
export interface CheckedRoutes {
  readonly routingText: string;
  readonly receivers: readonly string[];
  /** References that name what is not here. */
  readonly unset: readonly ConfigurationFault[];
}

/** As {@link checkConfig}, for who has no secrets: a variable that is not set here, or a file, is no fault. */
export async function checkRoutes(input: ConfigInput): Promise<CheckedRoutes | Faulty> {
  const read = await examine(input);
  if ('faults' in read) return read;
  const found = [...read.missing, ...read.issues];
  const unset = found.filter(({ isUnset }) => isUnset);
  const faults = found.filter((fault) => !unset.some(({ path }) => isWithin(fault.path, path)));
  if (faults.length > 0) return read.placed(faults);
  const receivers = Object.keys((read.value as { readonly receivers?: object }).receivers ?? {});
  const routes = routesOf(read, { input, receivers });
  return 'faults' in routes ? routes : { routingText: routes.text, receivers, unset: read.placed(unset).faults };
}

interface Faulty {
  readonly faults: readonly ConfigurationFault[];
}

/** A configuration whose faults are not judged yet. */
interface Examined {
  /** With its references put in. */
  readonly value: unknown;
  readonly config: SluiceConfig | undefined;
  /** Faults of references. */
  readonly missing: readonly FlatIssue[];
  /** Faults against the schema. */
  readonly issues: readonly FlatIssue[];
  readonly files: readonly string[];
  readonly locate: ConfigDocument['locate'];
  placed(found: readonly FlatIssue[]): Faulty;
}

async function examine(input: ConfigInput): Promise<Examined | Faulty> {
  const read = readConfigFile(input.file);
  if ('faults' in read) return read;
  const overrides = overridesOf(input.environment, input.flags);
  const placed = (found: readonly FlatIssue[]) => ({
    faults: shorten(found.map((fault) => place(fault, input.file, read.document, overrides))),
  });
  const files = input.file === undefined ? [] : [resolve(input.file)];
  const sources = {
    environment: input.environment,
    folder: input.file === undefined ? '.' : dirname(resolve(input.file)),
    onFile: (path: string) => void files.push(path),
  };
  const given = putReferencesIn(merge(read.document?.value ?? {}, overrides), sources);
  const loaded = await kindsOf(given.value, sources.folder, fieldKit(sources));
  if ('faults' in loaded) return placed([...given.faults, ...loaded.faults]);
  const { parsed, value } = parseLenient(configSchema(sources, loaded.kinds), given.value, given.places);
  return {
    value,
    config: parsed.success ? parsed.data : undefined,
    missing: given.faults,
    issues: parsed.success ? [] : parsed.error.issues.flatMap((issue) => flattenIssue(issue)),
    files,
    locate: read.document?.locate ?? (() => ({ line: 1, column: 1 })),
    placed,
  };
}

/** The routing of a configuration, or its default, without faults. */
function routesOf(
  { value, locate, placed }: Examined,
  { input, receivers }: { readonly input: ConfigInput; readonly receivers: readonly string[] },
): { readonly text: string } | Faulty {
  const { routing: own } = value as { readonly routing?: unknown };
  const routing = own ? { routing: own } : defaultRouting(receivers);
  if (routing === undefined) {
    return placed([
      { path: ['routing'], message: 'Missing. Expected a mapping with "route", or a receiver named "default".' },
    ]);
  }
  const routes = checkRoutingDocument({ value: routing, locate }, { receivers, predicates: input.predicates });
  if (routes.ok) return { text: JSON.stringify(routing) };
  const source = input.file ?? 'sluice.yaml';
  const faults = routes.faults.map(({ line, column, ...fault }) => ({
    source: `${source}:${line}:${column}`,
    ...fault,
  }));
  return { faults: shorten(faults) };
}

const isWithin = (path: readonly PropertyKey[], outer: readonly PropertyKey[]): boolean =>
  outer.every((part, index) => path[index] === part);

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
