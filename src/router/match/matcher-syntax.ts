import { routerErrors } from '../errors.ts';
import type { MatcherOperator, MatcherSpec } from './matcher.ts';

/** Names that mean a field and not a label. A label of that name is written in quotes: `"severity"="high"`. */
const reservedNames = ['tag', 'severity', 'source'] as const;

const isReserved = (name: string): name is (typeof reservedNames)[number] =>
  (reservedNames as readonly string[]).includes(name);

/**
 * Reads Alertmanager's matcher syntax: `team="db"`, `{team="db", instance=~"db-.*"}`. Names and values may be bare or in
 * double quotes, where `\"`, `\\` and `\n` are escapes. `tag`, `severity` and `source` are fields.
 *
 * @throws SluiceError `matcher_invalid` - with the position
 * @see https://prometheus.io/docs/alerting/latest/configuration/#utf-8-strict-mode
 */
export function parseMatchers(text: string): MatcherSpec[] {
  const reader = new MatcherReader(text);
  return reader.all();
}

/** Writes a condition in the same syntax; a label named like a field is quoted. */
export function formatMatcher(spec: MatcherSpec): string {
  const name = spec.field === 'label' ? labelName(spec.name) : spec.field;
  return `${name}${spec.op}${quote(spec.value)}`;
}

function labelName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !isReserved(name) ? name : quote(name);
}

const quote = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

class MatcherReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  all(): MatcherSpec[] {
    this.#space();
    const braced = this.#take('{');
    const end = braced ? '}' : '';
    const specs: MatcherSpec[] = [];
    this.#space();
    while (!this.#atEnd(end)) {
      specs.push(this.#one());
      this.#space();
      if (!this.#take(',') && !this.#atEnd(end)) throw this.#fault('expected a comma or the end');
      this.#space();
    }
    if (braced && !this.#take('}')) throw this.#fault('expected "}"');
    this.#space();
    if (this.#at < this.#text.length) throw this.#fault('unexpected text after the end');
    if (specs.length === 0) throw this.#fault('no condition found');
    return specs;
  }

  #one(): MatcherSpec {
    const quoted = this.#text[this.#at] === '"';
    const name = this.#word();
    if (name === '') throw this.#fault('expected a label name');
    this.#space();
    const op = this.#operator();
    this.#space();
    const value = this.#word();
    return !quoted && isReserved(name) ? { field: name, op, value } : { field: 'label', name, op, value };
  }

  #operator(): MatcherOperator {
    for (const op of ['=~', '!~', '!=', '='] as const) if (this.#take(op)) return op;
    throw this.#fault('expected one of =, !=, =~, !~');
  }

  #word(): string {
    if (this.#text[this.#at] === '"') return this.#quoted();
    const start = this.#at;
    while (this.#at < this.#text.length && !/[\s{}!=~,\\"'`]/.test(this.#text[this.#at]!)) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #quoted(): string {
    let value = '';
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at]!;
      if (char === '"') {
        this.#at++;
        return value;
      }
      if (char !== '\\') value += char;
      else value += this.#escape();
    }
    throw this.#fault('expected a closing quote');
  }

  /** An unknown escape keeps its backslash: `\d` in a pattern means what it says. */
  #escape(): string {
    const next = this.#text[++this.#at];
    if (next === '"' || next === '\\') return next;
    if (next === 'n') return '\n';
    if (next === undefined) throw this.#fault('expected a character after "\\"');
    return `\\${next}`;
  }

  #space(): void {
    while (this.#at < this.#text.length && /\s/.test(this.#text[this.#at]!)) this.#at++;
  }

  #take(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #atEnd(end: string): boolean {
    return this.#at >= this.#text.length || (end !== '' && this.#text[this.#at] === end);
  }

  #fault(problem: string) {
    return routerErrors.matcher_invalid({ text: this.#text, problem, position: this.#at + 1 });
  }
}
