import { describe, expect, it } from 'vitest';
import { configJsonSchema, configSchema } from '../../src/config/schema.ts';
import { flattenIssue, formatPath } from '../../src/settings/document.ts';

interface Node {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | false;
  readonly items?: Node;
  /** The forms of a receiver, by its notifier. */
  readonly oneOf?: readonly Node[];
}

/** Every key that the JSON Schema declares, as a path; routing has its own tests. */
function* keysOf(node: Node, path: readonly string[]): Generator<readonly string[]> {
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    if (path.length === 0 && key === 'routing') continue;
    yield [...path, key];
    yield* keysOf(child, [...path, key]);
  }
  for (const form of node.oneOf ?? []) yield* keysOf(form, path);
  if (node.additionalProperties) yield* keysOf(node.additionalProperties, [...path, 'some_name']);
}

const keys = [...keysOf(configJsonSchema() as Node, [])];
const schema = configSchema({ environment: {}, folder: '.' });

function build(path: readonly string[], value: unknown): unknown {
  return path.reduceRight((inner, key) => ({ [key]: inner }), value);
}

function faultPaths(value: unknown): string[] {
  const parsed = schema.safeParse(value);
  if (parsed.success) return [];
  return parsed.error.issues.flatMap((issue) => flattenIssue(issue)).map(({ path }) => formatPath(path));
}

describe('each key broken once', () => {
  it('covers the schema', () => {
    expect(keys.length).toBeGreaterThan(50);
    expect(keys.map((key) => key.join('.'))).toContain('receivers.some_name.webhook');
  });

  it.each(keys.map((key) => [key.join('.'), key] as const))('%s', (name, key) => {
    // A function is no value of any key.
    expect(faultPaths(build(key, () => {}))).toContain(name);
    const misspelled = [...key.slice(0, -1), `${key.at(-1)}_x`];
    const named = key.at(-2) === undefined || !['receivers', 'templates'].includes(key.at(-2)!);
    if (named) expect(faultPaths(build(misspelled, 1))).toContain(misspelled.join('.'));
  });
});
