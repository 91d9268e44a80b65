import { type CardView, type Line, textOfLines } from './lines.ts';
import { phoneLines } from './phone.ts';
import { webLines } from './web.ts';

/** Markdown as lines and runs of text, by the rules of the parser where it is read. */
export function parseMarkdown(text: string, view: CardView = 'web'): readonly Line[] {
  return VIEWS[view](text);
}

const VIEWS: Readonly<Record<CardView, (text: string) => readonly Line[]>> = { web: webLines, phone: phoneLines };

/** The text without its marks, lines joined by line ends. */
export function markdownText(text: string, view: CardView = 'web'): string {
  return textOfLines(parseMarkdown(text, view));
}
