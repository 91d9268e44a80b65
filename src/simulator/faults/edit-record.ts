import { bodyText, type TwinAnswer } from '../protocol/exchange.ts';
import type { FaultRule, PageEdit } from './fault-rule.ts';
import { type AnswerRecord, type HeldRecord, isHeld, pageOf, recordsIn } from './held-record.ts';

/** Stands for the edited value until the page is text again. Nothing in a page looks like it. */
const mark = '\u{10FFFE}sluice-twin-mark\u{10FFFE}';

/** A byte that stands in no UTF-8 text. */
const strayByte = Buffer.from([0xff]);

/** The text of the value where the mark stands, `name` included when the key is written twice. */
type Splice = (value: string, name: string, rule: FaultRule) => Uint8Array | string;

/** Edits after which the page is no JSON any more, or reads in another way: what stands where the value stood. */
const splices: Readonly<Record<Exclude<PageEdit, 'set' | 'without' | 'blanks' | 'truncated'>, Splice>> = {
  'control-character': (value) => `${value.slice(0, 1)}\u0001${value.slice(1)}`,
  'invalid-utf8': (value) => Buffer.concat([Buffer.from(value.slice(0, 1)), strayByte, Buffer.from(value.slice(1))]),
  'text-after-colon': (value, _, { text }) => `${text} ${value}`,
  'duplicate-key': (value, name, rule) => `${value},${JSON.stringify(name)}:${JSON.stringify(rule.value ?? null)}`,
};

/**
 * The answer with its bytes edited at one record (the one that is held, or the first that has the field). `set` and
 * `without` leave good JSON and, when no record is held, change every record. Undefined: there is nothing to edit.
 */
export function editAnswer(answer: TwinAnswer, rule: FaultRule, held: HeldRecord | undefined): TwinAnswer | undefined {
  const page = pageOf(answer);
  if (!page) return undefined;
  const { edit = 'control-character' } = rule;
  if (edit === 'blanks') return { ...answer, body: withBlanks(bodyText(answer)) };
  const isOfPage = rule.field.startsWith('/');
  const path = (isOfPage ? rule.field.slice(1) : rule.field).split('/');
  const records = isOfPage ? [page] : [...recordsIn(page)].filter((row) => held === undefined || isHeld(row, held));
  if (edit === 'set' || edit === 'without') {
    const to = edit === 'set' ? { value: rule.value ?? null } : undefined;
    const changed = records.filter((record) => change(record, path, to));
    return changed.length > 0 ? { ...answer, body: JSON.stringify(page) } : undefined;
  }
  const record = records.find((candidate) => valueAt(candidate, path) !== undefined);
  if (!record) return undefined;
  const value = JSON.stringify(valueAt(record, path));
  change(record, path, { value: mark });
  const [before = '', after = ''] = JSON.stringify(page).split(JSON.stringify(mark));
  if (edit === 'truncated') return { ...answer, body: before + value.slice(0, Math.ceil(value.length / 2)) };
  const spliced = splices[edit](value, path.at(-1)!, rule);
  return { ...answer, body: Buffer.concat([Buffer.from(before), Buffer.from(spliced), Buffer.from(after)]) };
}

function parentOf(record: AnswerRecord, path: readonly string[]): AnswerRecord | undefined {
  let at: unknown = record;
  for (const name of path.slice(0, -1)) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as AnswerRecord)[name];
  }
  return typeof at === 'object' && at !== null ? (at as AnswerRecord) : undefined;
}

const valueAt = (record: AnswerRecord, path: readonly string[]): unknown => parentOf(record, path)?.[path.at(-1)!];

/** Sets a value, or takes the property away; false when the record has no such place. */
function change(record: AnswerRecord, path: readonly string[], to: { readonly value: unknown } | undefined): boolean {
  const parent = parentOf(record, path);
  const name = path.at(-1)!;
  if (!parent || (to === undefined && !(name in parent))) return false;
  if (to === undefined) delete parent[name];
  else parent[name] = to.value;
  return true;
}

/** A blank after every colon and comma outside texts, as some gateways write JSON anew. */
function withBlanks(json: string): string {
  return json.replace(/("(?:[^"\\]|\\.)*")|([:,])/g, (_, text?: string, sign?: string) => text ?? `${sign} `);
}
