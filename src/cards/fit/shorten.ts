import { PlainText } from '../../html/plain-text.ts';
import { messageBytes } from '../envelope.ts';
import type { HostProfile } from '../host-profile.ts';
import { markdownText } from '../markdown/markdown.ts';
import { plainBlocks } from '../plain/blocks.ts';
import { isLogText, SHORTENED } from './characters.ts';
import { copyOf, dropIdleEntities, isKept, jsonBytes, type MutableNode, note } from './json.ts';

/** Characters of a text that are always kept. */
const MIN_TEXT = 200;
/** Cuts at most; a card that needs more is made of too many small things, and only its beginning is sent. */
const MAX_CUTS = 50;

/** A place that gives nearly as much as the one it stands in is cut instead. */
const NEARLY = 0.8;

const TEXTS: ReadonlySet<string> = new Set(['text', 'codeSnippet', 'fallbackText', 'speak']);
const FACT_TEXTS: ReadonlySet<string> = new Set(['title', 'value']);
const LISTS: ReadonlySet<string> = new Set([
  'body',
  'items',
  'facts',
  'rows',
  'images',
  'inlines',
  'columns',
  'pages',
  'data',
  'values',
]);

/** A place where the card can lose bytes. */
interface Cut {
  /** Bytes it can give at most; half of them for a list, so that a long text goes before whole elements. */
  readonly gain: number;
  /** Saves that many bytes, or all the place can give. */
  apply(bytes: number): void;
}

/** The card with its longest texts and lists cut until it fits, and a line that says so. */
export function shorten(card: unknown, profile: HostProfile): MutableNode {
  const short = copyOf(card);
  const ending = note(SHORTENED);
  const withNote = (): MutableNode => ({
    ...short,
    body: [...((short['body'] as unknown[] | undefined) ?? []), ending],
  });
  for (let cuts = 0; cuts < MAX_CUTS; cuts++) {
    dropIdleEntities(short);
    const over = messageBytes(withNote(), profile) - profile.maxBytes;
    if (over <= 0) return withNote();
    const possible = possibleCuts(short, profile);
    const most = Math.max(...possible.map(({ gain }) => gain));
    // What stands deeper comes later: the rows of a list go before the whole list.
    const best = possible.findLast(({ gain }) => gain >= most * NEARLY);
    if (!best) break;
    best.apply(over);
  }
  return beginningOnly(card, profile);
}

/** The last resort: the first text of the card, as plain text. */
export function beginningOnly(card: unknown, profile: HostProfile): MutableNode {
  const first = markdownText(firstText((card as MutableNode)['body']) ?? '');
  const plain = new PlainText(first.slice(0, MIN_TEXT).replace(/[\ud800-\udbff]$/, ''));
  const elements = (card as MutableNode)['body'];
  const kept = Array.isArray(elements) ? elements.filter(isKept) : [];
  const body = [...plainBlocks(plain, {}, { profile }), ...kept, note(SHORTENED)];
  return { type: 'AdaptiveCard', version: profile.version, body };
}

function firstText(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const own = (value as MutableNode)['text'];
  if (typeof own === 'string' && own !== '') return own;
  for (const child of Object.values(value)) {
    const text = firstText(child);
    if (text !== undefined) return text;
  }
  return undefined;
}

function possibleCuts(card: MutableNode, profile: HostProfile): Cut[] {
  const cuts: Cut[] = [];
  const visit = (node: MutableNode, inFacts: boolean) => {
    for (const [key, value] of Object.entries(node)) {
      const isText = TEXTS.has(key) || (inFacts && FACT_TEXTS.has(key));
      if (typeof value === 'string' && isText && value.length > MIN_TEXT) cuts.push(textCut(node, key, value, profile));
      if (Array.isArray(value) && LISTS.has(key) && value.length > 1) cuts.push(listCut(key, value, profile));
      if (typeof value === 'object' && value !== null && key !== 'msteams') {
        for (const child of Array.isArray(value) ? value : [value]) {
          if (typeof child === 'object' && child !== null) visit(child as MutableNode, key === 'facts');
        }
      }
    }
  };
  visit(card, false);
  return cuts.filter(({ gain }) => gain > 0);
}

function listCut(key: string, list: unknown[], profile: HostProfile): Cut {
  const fromStart = key === 'inlines' && isLogText(list.map(runText).join(''));
  const dispensable = list.filter((element) => !isKept(element));
  return {
    gain: jsonBytes(fromStart ? dispensable.slice(0, -1) : dispensable.slice(1), profile) / 2,
    apply: (bytes) => {
      for (let saved = 0; saved < bytes && list.length > 1; ) {
        const at = fromStart ? list.findIndex(isDispensable) : list.findLastIndex(isDispensable);
        if (at < 0 || at === (fromStart ? list.length - 1 : 0)) return;
        saved += jsonBytes(list.splice(at, 1), profile);
      }
    },
  };
}

const isDispensable = (element: unknown) => !isKept(element);
const runText = (run: unknown) => (typeof run === 'string' ? run : String((run as MutableNode)['text'] ?? ''));

function textCut(node: MutableNode, key: string, text: string, profile: HostProfile): Cut {
  const all = jsonBytes(text, profile);
  const isPlain = node['type'] === 'TextRun' || key === 'codeSnippet';
  const cut = isPlain ? (isLogText(text) ? endOf : cutPlain) : cutText;
  return {
    gain: all - jsonBytes(cut(text, MIN_TEXT), profile),
    apply: (bytes) => {
      const kept = Math.floor(text.length * (1 - (bytes + 16) / all));
      node[key] = cut(text, Math.max(MIN_TEXT, kept));
    },
  };
}

/** The end of a log: no half character at its beginning. */
function endOf(text: string, length: number): string {
  return text.length <= length ? text : `…${text.slice(-length).replace(/^[\udc00-\udfff]/, '')}`;
}

/** The beginning of a text that is no Markdown: no half character at its end. */
function cutPlain(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text
    .slice(0, length)
    .replace(/[\ud800-\udbff]$/, '')
    .trimEnd()}…`;
}

/** The beginning of a Markdown text: no half character, link or mention at its end. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  let kept = text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
  const link = kept.lastIndexOf('](');
  if (link >= 0 && !kept.includes(')', link)) kept = kept.slice(0, Math.max(0, kept.lastIndexOf('[', link)));
  const mention = kept.lastIndexOf('<at>');
  if (mention >= 0 && !kept.includes('</at>', mention)) kept = kept.slice(0, mention);
  return `${kept
    .replace(/<\/?a?t?$/, '')
    .replace(/\\$/, '')
    .trimEnd()}…`;
}
