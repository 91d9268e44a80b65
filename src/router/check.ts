import { type Document, isMap, isNode, isPair, LineCounter, parseDocument, type YAMLParseError } from 'yaml';
import type { z } from 'zod';
import { type RoutingConfig, routingSchema } from './config-schema.ts';
import { referenceFaults } from './references.ts';

/** One fault of a configuration, where it is and what would be right. */
export interface ConfigFault {
  /** `routing.route.routes[2].matchers[0]`. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Names that the rest of the configuration and the program define. Undefined means: not checked. */
export interface KnownNames {
  readonly receivers?: readonly string[];
  readonly predicates?: readonly string[];
}

export type RouteCheck =
  | { readonly ok: true; readonly config: RoutingConfig; readonly faults: readonly [] }
  | { readonly ok: false; readonly faults: readonly ConfigFault[] };

export type FaultPath = readonly PropertyKey[];

/** Longest configuration accepted, in characters. */
const MAX_CONFIG_CHARS = 4 * 1024 * 1024;

/** One syntax fault often brings thousands with it. */
const MAX_SYNTAX_FAULTS = 20;

/**
 * Checks the `routing` part of a configuration file and reports every fault at once. Other parts of the file are left
 * alone, except that the keys of a top-level `receivers` mapping are the valid receivers when none are given.
 *
 * @param text - YAML 1.2
 */
export function checkRoutes(text: string, known: KnownNames = {}): RouteCheck {
  if (text.length > MAX_CONFIG_CHARS) return tooLarge(text.length);
  const lines = new LineCounter();
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  try {
    const document = parseDocument(text, { lineCounter: lines, stringKeys: true });
    if (document.errors.length > 0) {
      const faults = document.errors
        .slice(0, MAX_SYNTAX_FAULTS)
        .map((error) => ({ path: '', ...place(error.pos[0]), message: syntaxProblem(error) }));
      return { ok: false, faults };
    }
    const locate = (path: FaultPath) => place(offsetOf(document, path));
    const check = checkDocument(document.toJS({ maxAliasCount: 1_000 }), known, locate);
    return check.ok ? check : { ...check, faults: check.faults.toSorted(byPlace) };
  } catch (error) {
    const reason = error instanceof RangeError ? 'it is nested too deeply' : String((error as Error).message);
    return { ok: false, faults: [{ path: '', line: 1, column: 1, message: `The file cannot be read: ${reason}.` }] };
  }
}

function syntaxProblem({ code, message }: YAMLParseError): string {
  if (code === 'RESOURCE_EXHAUSTION') return 'The file is nested too deeply.';
  return message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '.');
}

function checkDocument(
  document: unknown,
  known: KnownNames,
  locate: (path: FaultPath) => { line: number; column: number },
): RouteCheck {
  const file = isRecord(document) ? document : {};
  const fault = (path: FaultPath, message: string): ConfigFault => {
    const full = ['routing', ...path];
    return { path: formatPath(full), ...locate(full), message };
  };
  if (!Object.hasOwn(file, 'routing')) {
    return { ok: false, faults: [fault([], 'Missing. Expected a mapping with "route".')] };
  }
  const parsed = routingSchema.safeParse(file['routing']);
  if (!parsed.success) {
    const faults = parsed.error.issues
      .flatMap((issue) => flatten(issue))
      .map(({ path, message }) => fault(path, message));
    return { ok: false, faults };
  }
  const receivers = known.receivers ?? (isRecord(file['receivers']) ? Object.keys(file['receivers']) : undefined);
  const faults = referenceFaults(parsed.data, { ...known, ...(receivers && { receivers }) });
  if (faults.length > 0) return { ok: false, faults: faults.map(({ path, message }) => fault(path, message)) };
  return { ok: true, config: parsed.data, faults: [] };
}

/** One fault per unknown key, and for a union the faults of the form that was meant. */
function flatten(issue: z.core.$ZodIssue, base: FaultPath = []): { path: FaultPath; message: string }[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], message: issue.message }));
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const meant = issue.errors.find(
      (errors) => !errors.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
    );
    if (meant) return meant.flatMap((inner) => flatten(inner, path));
  }
  return [{ path, message: issue.message }];
}

/** Where a path stands in the text: the key of a mapping, the item of a list, or the nearest thing above it. */
function offsetOf(document: Document, path: FaultPath): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true) ?? document.contents;
    const key = path[depth - 1]!;
    const pair = isMap(parent)
      ? parent.items.find((item) => isPair(item) && String(item.key) === String(key))
      : undefined;
    if (pair && isNode(pair.key) && pair.key.range) return pair.key.range[0];
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

const formatPath = (path: FaultPath) =>
  path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`))
    .join('');

const byPlace = (a: ConfigFault, b: ConfigFault) => a.line - b.line || a.column - b.column;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const tooLarge = (chars: number): RouteCheck => ({
  ok: false,
  faults: [{ path: '', line: 1, column: 1, message: `The file has ${chars} characters. At most ${MAX_CONFIG_CHARS}.` }],
});
