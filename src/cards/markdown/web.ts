import MarkdownIt from 'markdown-it';
import { joinedSpans, type Line, PLAIN_SPAN, type Span } from './lines.ts';

type Token = ReturnType<MarkdownIt['parse']>[number];

/** Teams' web and desktop clients read CommonMark; HTML in it is text. Images, headings and rules are of no use there. */
const COMMONMARK = new MarkdownIt('commonmark', { html: false });
COMMONMARK.validateLink = () => true;

/**
 * Markdown as the web and desktop clients of Teams show it.
 *
 * Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format#markdown-formatting
 */
export function webLines(text: string): readonly Line[] {
  const lines: Line[] = [];
  const lists: { next: number | undefined }[] = [];
  let bullet: string | undefined;
  const add = (spans: readonly Span[]) => {
    lines.push(bullet === undefined ? { spans: joinedSpans(spans) } : { bullet, spans: joinedSpans(spans) });
    bullet = undefined;
  };
  for (const token of COMMONMARK.parse(text, {})) {
    if (token.type === 'bullet_list_open') lists.push({ next: undefined });
    else if (token.type === 'ordered_list_open') lists.push({ next: Number(token.attrGet('start') ?? 1) });
    else if (/^(bullet|ordered)_list_close$/.test(token.type)) lists.pop();
    else if (token.type === 'list_item_open') bullet = bulletOf(lists.at(-1)!);
    else if (token.type === 'list_item_close' && bullet !== undefined) add([]);
    else if (token.type === 'hr') add([{ ...PLAIN_SPAN, text: '———' }]);
    else if (/^(code_block|fence)$/.test(token.type)) {
      for (const code of token.content.replace(/\n$/, '').split('\n')) add([{ ...PLAIN_SPAN, text: code, code: true }]);
    } else if (token.type === 'inline') {
      for (const spans of inlineLines(token.children ?? [])) add(spans);
    }
  }
  return lines;
}

function bulletOf(list: { next: number | undefined }): string {
  return list.next === undefined ? '•' : `${list.next++}.`;
}

/** Runs of one paragraph; a hard break begins a new line, a soft one is a blank. */
function inlineLines(tokens: readonly Token[]): readonly (readonly Span[])[] {
  const lines: Span[][] = [[]];
  let [bold, italic] = [0, 0];
  let href: string | undefined;
  for (const token of tokens) {
    const look = { bold: bold > 0, italic: italic > 0, mention: false, ...(href !== undefined && { href }) };
    if (token.type === 'strong_open') bold++;
    else if (token.type === 'strong_close') bold--;
    else if (token.type === 'em_open') italic++;
    else if (token.type === 'em_close') italic--;
    else if (token.type === 'link_open') href = token.attrGet('href') ?? '';
    else if (token.type === 'link_close') href = undefined;
    else if (token.type === 'hardbreak') lines.push([]);
    else if (token.type === 'softbreak') lines.at(-1)!.push({ ...look, text: ' ' });
    else if (token.type === 'code_inline') lines.at(-1)!.push({ ...look, text: token.content, code: true });
    else if (token.content !== '') lines.at(-1)!.push({ ...look, text: token.content });
  }
  return lines;
}
