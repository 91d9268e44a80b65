import {
  byPlace,
  type ConfigDocument,
  type ConfigFault,
  flattenIssue,
  formatPath,
  readConfigDocument,
} from '../../settings/document.ts';
import { type KnownNames, referenceFaults } from './references.ts';
import { type RoutingConfig, routingSchema } from './schema.ts';

export type RouteCheck =
  | { readonly ok: true; readonly config: RoutingConfig; readonly faults: readonly [] }
  | { readonly ok: false; readonly faults: readonly ConfigFault[] };

/**
 * Checks the `routing` part of a configuration file and reports every fault at once. Other parts of the file are left
 * alone, except that the keys of a top-level `receivers` mapping are the valid receivers when none are given.
 *
 * @param text - YAML 1.2
 */
export function checkRoutes(text: string, known: KnownNames = {}): RouteCheck {
  const document = readConfigDocument(text);
  if ('faults' in document) return { ok: false, faults: document.faults };
  return checkRoutingDocument(document, known);
}

/** As {@link checkRoutes}, for a file that was read already. */
export function checkRoutingDocument(document: ConfigDocument, known: KnownNames = {}): RouteCheck {
  const check = checkDocument(document, known);
  return check.ok ? check : { ...check, faults: check.faults.toSorted(byPlace) };
}

function checkDocument({ value, locate }: ConfigDocument, known: KnownNames): RouteCheck {
  const file = isRecord(value) ? value : {};
  const fault = (path: readonly PropertyKey[], message: string): ConfigFault => {
    const full = ['routing', ...path];
    return { path: formatPath(full), ...locate(full), message };
  };
  if (!Object.hasOwn(file, 'routing')) {
    return { ok: false, faults: [fault([], 'Missing. Expected a mapping with "route".')] };
  }
  const parsed = routingSchema.safeParse(file['routing']);
  if (!parsed.success) {
    const faults = parsed.error.issues
      .flatMap((issue) => flattenIssue(issue))
      .map(({ path, message }) => fault(path, message));
    return { ok: false, faults };
  }
  const receivers = known.receivers ?? (isRecord(file['receivers']) ? Object.keys(file['receivers']) : undefined);
  const faults = referenceFaults(parsed.data, { ...known, receivers: receivers ?? known.receivers });
  if (faults.length > 0) return { ok: false, faults: faults.map(({ path, message }) => fault(path, message)) };
  return { ok: true, config: parsed.data, faults: [] };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
