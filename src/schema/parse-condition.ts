import type { Compared, Comparison, Condition, Constant } from './condition.ts';

export type ParsedCondition = { readonly condition: Condition } | { readonly problem: string };

interface Token {
  readonly kind: 'text' | 'sign' | 'word' | 'number';
  readonly text: string;
  /** Where it begins, from 1. */
  readonly at: number;
}

const TOKEN = /('(?:[^']|'')*')|([(),])|([A-Za-z_][\w/.@]*)|(-?\d[\w:.+-]*)/y;
const KINDS = ['text', 'sign', 'word', 'number'] as const;
const OPERATORS: ReadonlySet<string> = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
const FUNCTIONS: ReadonlySet<string> = new Set(['startswith', 'contains']);
const WORDS: Readonly<Record<string, true | false | null>> = { true: true, false: false, null: null };

/**
 * Reads a condition as OData writes it: comparisons (`eq`, `ne`, `gt`, `ge`, `lt`, `le`, `startswith(a,'x')`,
 * `contains(a,'x')`), joined by `and`, `or`, `not` and parentheses.
 *
 * @see https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html#sec_SystemQueryOptionfilter
 */
export function parseCondition(text: string): ParsedCondition {
  const tokens = tokensOf(text);
  if ('problem' in tokens) return tokens;
  const parser = new Parser(tokens.tokens);
  try {
    return { condition: parser.whole() };
  } catch (error) {
    if (error instanceof Misread) return { problem: error.message };
    throw error;
  }
}

function tokensOf(text: string): { readonly tokens: readonly Token[] } | { readonly problem: string } {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const space = /\s*/y;
    space.lastIndex = at;
    at += space.exec(text)![0].length;
    if (at === text.length) break;
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (!found)
      return { problem: `at ${at + 1}, ${JSON.stringify(text.slice(at, at + 12))} is no part of a condition` };
    const kind = KINDS[found.slice(1).findIndex((part) => part !== undefined)]!;
    tokens.push({ kind, text: found[0], at: at + 1 });
    at += found[0].length;
  }
  return { tokens };
}

/** What a condition cannot be read for. */
class Misread extends Error {}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Condition {
    const condition = this.#any();
    if (this.#token) throw this.#misread('and, or, or its end');
    return condition;
  }

  #any(): Condition {
    const any = [this.#all()];
    while (this.#takes('or')) any.push(this.#all());
    return any.length === 1 ? any[0]! : { any };
  }

  #all(): Condition {
    const all = [this.#one()];
    while (this.#takes('and')) all.push(this.#one());
    return all.length === 1 ? all[0]! : { all };
  }

  #one(): Condition {
    if (this.#takes('not')) return { not: this.#one() };
    if (!this.#takes('(')) return this.#compared();
    const inside = this.#any();
    this.#expect(')');
    return inside;
  }

  #compared(): Compared {
    const name = this.#take('word', 'the name of a property');
    if (FUNCTIONS.has(name)) {
      this.#expect('(');
      const path = this.#take('word', 'the name of a property');
      this.#expect(',');
      const value = this.#constant();
      this.#expect(')');
      return { path, operator: name as Comparison, value };
    }
    const operator = this.#take('word', 'eq, ne, gt, ge, lt or le');
    if (!OPERATORS.has(operator)) throw this.#misread('eq, ne, gt, ge, lt or le', this.#next - 1);
    return { path: name, operator: operator as Comparison, value: this.#constant() };
  }

  #constant(): Constant {
    const token = this.#token;
    this.#next += 1;
    if (token?.kind === 'text') return token.text.slice(1, -1).replaceAll("''", "'");
    if (token?.kind === 'word' && token.text in WORDS) return WORDS[token.text]!;
    if (token?.kind === 'number') {
      if (/^-?\d+(\.\d+)?$/.test(token.text)) return Number(token.text);
      if (/^\d{4}-\d\d-\d\d(T|$)/.test(token.text) && !Number.isNaN(Date.parse(token.text))) return { at: token.text };
    }
    throw this.#misread("a value: 'text', a number, an instant, true, false or null", this.#next - 1);
  }

  get #token(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #takes(text: string): boolean {
    const token = this.#token;
    if (token === undefined || token.kind === 'text' || token.text !== text) return false;
    this.#next += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#takes(sign)) throw this.#misread(sign);
  }

  #take(kind: Token['kind'], what: string): string {
    const token = this.#token;
    if (token?.kind !== kind) throw this.#misread(what);
    this.#next += 1;
    return token.text;
  }

  #misread(expected: string, index = this.#next): Misread {
    const token = this.#tokens[index];
    const where = token ? `at ${token.at}, before ${JSON.stringify(token.text)}` : 'at its end';
    return new Misread(`${where}, ${expected} is expected`);
  }
}
