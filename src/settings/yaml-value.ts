import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type ParsedNode,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

/** A fault of the document itself, at an offset of the text. */
export interface YamlFault {
  readonly path: readonly PropertyKey[];
  readonly offset: number;
  readonly message: string;
}

/** A document as plain data, and the offset of each of its parts. */
export interface YamlValue {
  readonly value: unknown;
  /** The key of a mapping, the item of a list, or the nearest thing above it. */
  offsetOf(path: readonly PropertyKey[]): number;
}

/** Deeper than any configuration is. */
const MAX_DEPTH = 100;

/** Values after aliases are put in: a file of a few lines can stand for more than any memory holds. */
const MAX_VALUES = 250_000;

/** Keys that are part of every object in JavaScript, and can therefore not be kept apart from it. */
const RESERVED_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype'];

const MERGE = '<<';

/**
 * Turns a parsed document into plain data in one pass over it: aliases put in, `<<` merged as Compose does (own keys win,
 * then the earlier mapping). What cannot be plain data is a fault: a key that stands twice, an alias that holds itself.
 *
 * @see https://yaml.org/type/merge.html
 */
export function yamlValue(document: Document<ParsedNode>): YamlValue | { readonly faults: readonly YamlFault[] } {
  const reader = new Reader(document);
  const value = reader.read(document.contents, [], 0);
  if (reader.faults.length > 0) return { faults: reader.faults };
  return { value, offsetOf: (path) => reader.offsetOf(path) };
}

class Reader {
  readonly faults: YamlFault[] = [];
  readonly #document: Document;
  readonly #anchors: ReadonlyMap<string, readonly Node[]>;
  readonly #offsets = new Map<string, number>();
  /** The mappings and lists that are being read, outermost first. */
  readonly #open = new Set<Node>();
  #values = 0;

  constructor(document: Document<ParsedNode>) {
    this.#document = document;
    this.#anchors = anchorsOf(document);
  }

  offsetOf(path: readonly PropertyKey[]): number {
    for (let depth = path.length; depth > 0; depth--) {
      const offset = this.#offsets.get(pathKey(path.slice(0, depth)));
      if (offset !== undefined) return offset;
    }
    return this.#document.contents?.range?.[0] ?? 0;
  }

  /** @param at - offset of the place in the text that the value belongs to */
  read(node: Node | null, path: readonly PropertyKey[], at: number): unknown {
    this.#values += 1;
    if (path.length > MAX_DEPTH) return this.#refuse(path, at, 'The file is nested too deeply.');
    if (this.#values > MAX_VALUES) return this.#refuse([], at, 'The file is too large once its aliases are put in.');
    if (isAlias(node)) return this.read(this.#target(node, path, at), path, at);
    if (isMap(node)) return this.#map(node, path, at);
    if (isSeq(node)) return this.#list(node, path, at);
    return isScalar(node) ? node.value : null;
  }

  /** What an alias stands for: the node that was given its name last before it. */
  #target(alias: Alias, path: readonly PropertyKey[], at: number): Node | null {
    const before = offsetOf(alias) ?? 0;
    const target = this.#anchors.get(alias.source)?.findLast((node) => (offsetOf(node) ?? 0) < before);
    return target ?? this.#refuse(path, at, 'This alias has no anchor.') ?? null;
  }

  #list(list: YAMLSeq, path: readonly PropertyKey[], at: number): readonly unknown[] | undefined {
    return this.#within(list, path, at, () =>
      list.items.map((item, index) => {
        const inner = [...path, index];
        const offset = offsetOf(item) ?? at;
        this.#offsets.set(pathKey(inner), offset);
        return this.read(item as Node | null, inner, offset);
      }),
    );
  }

  #map(map: YAMLMap, path: readonly PropertyKey[], at: number): Record<string, unknown> | undefined {
    return this.#within(map, path, at, () => {
      const value: Record<string, unknown> = {};
      const merged: { node: Node | null; at: number }[] = [];
      for (const { key, value: node } of map.items) {
        const name = String(isScalar(key) ? key.value : key);
        const keyAt = offsetOf(key) ?? at;
        const inner = [...path, name];
        if (name === MERGE) merged.push({ node: node as Node | null, at: keyAt });
        else if (RESERVED_KEYS.includes(name)) this.#refuse(inner, keyAt, 'This name cannot be a key.');
        else if (Object.hasOwn(value, name)) this.#refuse(inner, keyAt, 'This key stands here twice; keys are unique.');
        else {
          this.#offsets.set(pathKey(inner), keyAt);
          value[name] = this.read(node as Node | null, inner, keyAt);
        }
      }
      for (const { node, at } of merged) this.#merge(value, node, path, at);
      return value;
    });
  }

  /** Adds what a mapping, or each of a list of mappings, has and `value` lacks. */
  #merge(value: Record<string, unknown>, node: Node | null, path: readonly PropertyKey[], at: number): void {
    const target = isAlias(node) ? this.#target(node, path, at) : node;
    if (isSeq(target)) {
      this.#within(target, path, at, () => {
        for (const item of target.items) this.#merge(value, item as Node, path, at);
      });
      return;
    }
    if (!isMap(target)) return void this.#refuse([...path, MERGE], at, 'Expected a mapping, or a list of mappings.');
    this.#within(target, path, at, () => {
      for (const { key, value: inner } of target.items) {
        const name = String(isScalar(key) ? key.value : key);
        if (name === MERGE) this.#merge(value, inner as Node | null, path, at);
        else if (RESERVED_KEYS.includes(name)) this.#refuse([...path, name], at, 'This name cannot be a key.');
        else if (!Object.hasOwn(value, name)) {
          this.#offsets.set(pathKey([...path, name]), at);
          value[name] = this.read(inner as Node | null, [...path, name], at);
        }
      }
    });
  }

  #within<T>(node: Node, path: readonly PropertyKey[], at: number, read: () => T): T | undefined {
    if (this.#open.has(node)) return this.#refuse(path, at, 'This alias holds itself.');
    if (this.#values > MAX_VALUES) return undefined;
    this.#open.add(node);
    const result = read();
    this.#open.delete(node);
    return result;
  }

  #refuse(path: readonly PropertyKey[], offset: number, message: string): undefined {
    const last = this.faults.at(-1);
    if (last?.message !== message) this.faults.push({ path, offset, message });
    return undefined;
  }
}

const offsetOf = (node: unknown): number | undefined => (node as Node | null)?.range?.[0];

const pathKey = (path: readonly PropertyKey[]): string => path.map(String).join('\u0000');

/** The nodes that aliases name, by name and in the order of the text: a name may be given again. */
function anchorsOf(document: Document<ParsedNode>): ReadonlyMap<string, readonly Node[]> {
  const anchors = new Map<string, Node[]>();
  const pending: unknown[] = [document.contents];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const { anchor } = (node ?? {}) as { readonly anchor?: string };
    if (anchor !== undefined) anchors.set(anchor, [...(anchors.get(anchor) ?? []), node as Node]);
    if (isMap(node)) for (const { key, value } of node.items) pending.push(key ?? null, value ?? null);
    if (isSeq(node)) pending.push(...node.items.map((item) => item ?? null));
  }
  for (const nodes of anchors.values()) nodes.sort((a, b) => (offsetOf(a) ?? 0) - (offsetOf(b) ?? 0));
  return anchors;
}
