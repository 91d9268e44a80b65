import { type Document, isMap, isNode, isPair, LineCounter, parseDocument, type YAMLParseError } from 'yaml';
import type { z } from 'zod';

/** One fault of a configuration, where it is and what would be right. */
export interface ConfigFault {
  /** `routing.route.routes[2].matchers[0]`. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type FaultPath = readonly PropertyKey[];

/** A configuration file as a value, and where each part of it stands. */
export interface ConfigDocument {
  readonly value: unknown;
  locate(path: FaultPath): { readonly line: number; readonly column: number };
}

/** Longest configuration accepted, in characters. */
const MAX_CONFIG_CHARS = 4 * 1024 * 1024;

/** One syntax fault often brings thousands with it. */
const MAX_SYNTAX_FAULTS = 20;

/**
 * Reads the text of a configuration. Never throws: what cannot be read is a list of faults.
 *
 * @param text - YAML 1.2
 */
export function readConfigDocument(text: string): ConfigDocument | { readonly faults: readonly ConfigFault[] } {
  if (text.length > MAX_CONFIG_CHARS) {
    return unreadable(`The file has ${text.length} characters. At most ${MAX_CONFIG_CHARS}.`);
  }
  const lines = new LineCounter();
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  try {
    const document = parseDocument(text, { lineCounter: lines, stringKeys: true });
    if (document.errors.length > 0) {
      const shown = document.errors.slice(0, MAX_SYNTAX_FAULTS);
      return { faults: shown.map((error) => ({ path: '', ...place(error.pos[0]), message: syntaxProblem(error) })) };
    }
    return {
      value: document.toJS({ maxAliasCount: 1_000 }),
      locate: (path) => place(offsetOf(document, path)),
    };
  } catch (error) {
    const reason = error instanceof RangeError ? 'it is nested too deeply' : String((error as Error).message);
    return unreadable(`The file cannot be read: ${reason}.`);
  }
}

/** One fault per unknown key, and for a union the faults of the form that was meant. */
export function flattenIssue(issue: z.core.$ZodIssue, base: FaultPath = []): { path: FaultPath; message: string }[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], message: issue.message }));
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const meant = issue.errors.find(
      (errors) => !errors.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
    );
    if (meant) return meant.flatMap((inner) => flattenIssue(inner, path));
  }
  return [{ path, message: issue.message }];
}

/** `['routing', 'routes', 2]` as `routing.routes[2]`. */
export const formatPath = (path: FaultPath): string =>
  path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`))
    .join('');

/** Order of the file. */
export const byPlace = (a: ConfigFault, b: ConfigFault): number => a.line - b.line || a.column - b.column;

const unreadable = (message: string) => ({ faults: [{ path: '', line: 1, column: 1, message }] });

function syntaxProblem({ code, message }: YAMLParseError): string {
  if (code === 'RESOURCE_EXHAUSTION') return 'The file is nested too deeply.';
  return message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '.');
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
