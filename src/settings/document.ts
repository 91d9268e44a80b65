import { LineCounter, parseDocument, type YAMLParseError } from 'yaml';
import type { z } from 'zod';
import { yamlValue } from './yaml-value.ts';

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

/** Faults shown at once; of more only the number is told. */
export const MAX_FAULTS = 100;

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
    // Keys are compared by `yamlValue`: the parser compares each with each.
    const document = parseDocument(text, { lineCounter: lines, stringKeys: true, uniqueKeys: false });
    if (document.errors.length > 0) {
      const shown = document.errors.slice(0, MAX_SYNTAX_FAULTS);
      return { faults: shown.map((error) => ({ path: '', ...place(error.pos[0]), message: syntaxProblem(error) })) };
    }
    const read = yamlValue(document);
    if ('faults' in read) {
      const shown = read.faults.slice(0, MAX_FAULTS);
      return {
        faults: shown.map(({ path, offset, message }) => ({ path: formatPath(path), ...place(offset), message })),
      };
    }
    return { value: read.value, locate: (path) => place(read.offsetOf(path)) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return unreadable('The file is nested too deeply.');
  }
}

/** One fault per unknown key, and for a union the faults of the form that was meant. */
export function flattenIssue(issue: z.core.$ZodIssue, base: FaultPath = []): FlatIssue[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], message: issue.message }));
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const meant = issue.errors.find(
      (errors) => !errors.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
    );
    if (meant) return meant.flatMap((inner) => flattenIssue(inner, path));
  }
  return [{ path, message: issue.message, isUnset: issue.code === 'custom' && issue.params?.['isUnset'] === true }];
}

/** One fault of a value, at its place. */
export interface FlatIssue {
  readonly path: FaultPath;
  readonly message: string;
  /** The value is right, and what it names holds nothing here. */
  readonly isUnset?: boolean | undefined;
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
